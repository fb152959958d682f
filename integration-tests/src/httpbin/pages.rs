//! Pages that never change, and the one that lists the others.

use std::fmt::Write as _;

use http::Request;
use http_codec::Body;
use serde_json::json;

use super::reply::{escape, html as page, json as document, text};
use super::{PathArgs, ROUTES, Reply};

/// `/`: the endpoints.
pub async fn index(_: Request<Body>, _: PathArgs) -> Reply {
    let mut list = String::from(include_str!("assets/index.html"));
    for route in ROUTES {
        let methods = route.methods.join(" ");
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            list,
            "<tr><td>{methods}</td><td><code>{}</code></td><td>{}</td></tr>",
            escape(route.path),
            escape(route.about)
        );
    }
    list.push_str("</table>\n");
    Ok(page(list))
}

/// `/html`.
pub async fn html(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(page(include_str!("assets/moby.html")))
}

/// `/json`.
pub async fn json(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(document(&json!({
        "slideshow": {
            "author": "Yours Truly",
            "date": "date of publication",
            "slides": [
                { "title": "Wake up to WonderWidgets!", "type": "all" },
                {
                    "items": ["Why <em>WonderWidgets</em> are great", "Who <em>buys</em> WonderWidgets"],
                    "title": "Overview",
                    "type": "all",
                },
            ],
            "title": "Sample Slide Show",
        },
    })))
}

/// `/xml`.
pub async fn xml(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(text("application/xml", include_str!("assets/slides.xml")))
}

/// `/robots.txt`.
pub async fn robots(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(text("text/plain", "User-agent: *\nDisallow: /deny\n"))
}

/// `/deny`: what robots are told to keep out of.
pub async fn deny(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(text("text/plain", include_str!("assets/deny.txt")))
}

/// `/encoding/utf8`.
pub async fn utf8(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(page(include_str!("assets/utf8.html")))
}

/// `/forms/post`: a form to try `/post` with.
pub async fn form(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(page(include_str!("assets/form.html")))
}
