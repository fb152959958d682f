//! `/links/{n}/{offset}`: pages that link to one another.

use std::fmt::Write as _;

use http::{Request, StatusCode};
use http_codec::Body;

use super::reply::{html, redirect};
use super::{PathArgs, Reply};

/// `/links/{n}`: to the first of n pages.
pub async fn first(_: Request<Body>, path: PathArgs) -> Reply {
    redirect(
        StatusCode::FOUND,
        &format!("/links/{}/0", path.parse::<u32>("n")?),
    )
}

/// `/links/{n}/{offset}`: links to all pages but this one; 1 to 200 of them.
pub async fn page(_: Request<Body>, path: PathArgs) -> Reply {
    let n = path.parse::<u32>("n")?.clamp(1, 200);
    let offset = path.parse::<u32>("offset")?;
    let mut page = String::from("<html><head><title>Links</title></head><body>");
    for other in 0..n {
        // Writing to a `String` cannot fail.
        let _ = if other == offset {
            write!(page, "{other} ")
        } else {
            write!(page, "<a href='/links/{n}/{other}'>{other}</a> ")
        };
    }
    page.push_str("</body></html>");
    Ok(html(page))
}
