//! What must hold, and whether it does: a ratio of two figures of one run, or one figure alone.

use std::fmt::Write as _;

use crate::measure::{Figure, Quantity, Side};

/// A subject under a load.
type Place = (&'static str, &'static str);

/// One promise.
struct Promise {
    what: &'static str,
    side: Side,
    quantity: Quantity,
    ours: Place,
    /// `None`: the figure itself is bounded.
    peer: Option<Place>,
    at_most: f64,
}

const fn ratio(
    what: &'static str,
    quantity: Quantity,
    ours: Place,
    peer: Place,
    at_most: f64,
) -> Promise {
    Promise {
        what,
        side: Side::Server,
        quantity,
        ours,
        peer: Some(peer),
        at_most,
    }
}

const fn bound(what: &'static str, quantity: Quantity, ours: Place, at_most: f64) -> Promise {
    Promise {
        what,
        side: Side::Server,
        quantity,
        ours,
        peer: None,
        at_most,
    }
}

const fn of_clients(promise: Promise) -> Promise {
    Promise {
        side: Side::Client,
        ..promise
    }
}

use Quantity::{Allocations, Cpu, IdleMemory, Instructions, SystemCalls};

const PROMISES: &[Promise] = &[
    ratio(
        "`GET`, of hyper",
        Instructions,
        ("ours", "get-1"),
        ("hyper", "get-1"),
        0.68,
    ),
    ratio(
        "`GET`, of hyper with timer",
        Instructions,
        ("ours", "get-1"),
        ("hyper-timer", "get-1"),
        0.58,
    ),
    ratio(
        "10 browser fields, of hyper",
        Instructions,
        ("ours", "browser-64"),
        ("hyper", "browser-64"),
        0.75,
    ),
    ratio(
        "`POST` echo 1 KiB, of hyper",
        Instructions,
        ("ours", "echo-64"),
        ("hyper", "echo-64"),
        0.60,
    ),
    ratio(
        "chunked 16 x 1 KiB, of hyper",
        Instructions,
        ("ours", "chunked-64"),
        ("hyper", "chunked-64"),
        0.35,
    ),
    ratio(
        "through `ServeMux` with a parameter, of axum",
        Instructions,
        ("ours-mux", "user-64"),
        ("axum", "user-64"),
        0.45,
    ),
    ratio(
        "raw lane, `GET`, of hyper",
        Instructions,
        ("ours-raw", "get-1"),
        ("hyper", "get-1"),
        0.55,
    ),
    ratio(
        "raw lane, 10 browser fields, of hyper",
        Instructions,
        ("ours-raw", "browser-64"),
        ("hyper", "browser-64"),
        0.48,
    ),
    ratio(
        "64 connections, of hyper",
        Cpu,
        ("ours", "get-64"),
        ("hyper", "get-64"),
        0.96,
    ),
    ratio(
        "64 connections, of the floor",
        Cpu,
        ("ours", "get-64"),
        ("floor", "get-64"),
        1.06,
    ),
    ratio(
        "64 connections, of Go",
        Cpu,
        ("ours", "get-64"),
        ("go", "get-64"),
        0.55,
    ),
    ratio(
        "pipelined 16, of hyper",
        Cpu,
        ("ours", "pipelined-16"),
        ("hyper", "pipelined-16"),
        0.15,
    ),
    ratio(
        "pipelined 16, of hyper with flush",
        Cpu,
        ("ours", "pipelined-16"),
        ("hyper-flush", "pipelined-16"),
        0.75,
    ),
    bound("sequential", SystemCalls, ("ours", "get-1"), 3.02),
    bound("pipelined 16", SystemCalls, ("ours", "pipelined-16"), 0.15),
    bound("`GET`", Allocations, ("ours", "get-64"), 3.0),
    bound(
        "10 browser fields",
        Allocations,
        ("ours", "browser-64"),
        4.0,
    ),
    bound("after one request", IdleMemory, ("ours", "idle"), 2500.0),
    ratio(
        "512 connections, of 64",
        Cpu,
        ("ours", "get-512"),
        ("ours", "get-64"),
        1.10,
    ),
    ratio(
        "100 active of 10,000 open, of 100 open",
        Cpu,
        ("ours", "active-100-of-10000"),
        ("ours", "active-100"),
        1.2,
    ),
    of_clients(ratio(
        "client, `GET`, of hyper-util",
        Instructions,
        ("ours", "get-1"),
        ("hyper-util", "get-1"),
        0.35,
    )),
    of_clients(ratio(
        "client, 64-way, of hyper-util",
        Cpu,
        ("ours", "get-64"),
        ("hyper-util", "get-64"),
        1.0 / 1.5,
    )),
    of_clients(ratio(
        "client, 64-way, of reqwest",
        Cpu,
        ("ours", "get-64"),
        ("reqwest", "get-64"),
        0.5,
    )),
    of_clients(ratio(
        "client, 1 MiB downloads, of a bare loop",
        Cpu,
        ("ours", "1m-4"),
        ("floor", "1m-4"),
        1.10,
    )),
];

/// The promises whose figures this run has; of a whole run, all of them.
pub(super) fn table(figures: &[Figure], whole: bool) -> String {
    let rows: Vec<String> = PROMISES
        .iter()
        .filter_map(|promise| row(promise, figures, whole))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## What must hold\n\n| what | ours | theirs | found | at most | |\n|---|---:|---:|---:|---:|---|\n",
    );
    for row in rows {
        let _ = writeln!(text, "{row}");
    }
    text
}

fn row(promise: &Promise, figures: &[Figure], whole: bool) -> Option<String> {
    let find = |(subject, workload): Place| {
        let mut all = figures.iter().filter(|figure| {
            figure.side == promise.side
                && figure.quantity == promise.quantity
                && figure.subject == subject
        });
        all.find(|figure| figure.workload == workload)
            .map(|figure| figure.median)
    };
    let digits = if promise.at_most < 10.0 && promise.peer.is_none() {
        2
    } else {
        0
    };
    let number =
        |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.digits$}"));
    let ours = find(promise.ours);
    let theirs = promise.peer.and_then(find);
    let found = match promise.peer {
        Some(_) => ours.zip(theirs).map(|(ours, theirs)| ours / theirs),
        None => ours,
    };
    // A runtime allocates a few times in a round by itself: what is no hundredth of one in a request is not the request's.
    let found = found.map(|found| match promise.quantity {
        Allocations => (found * 100.0).round() / 100.0,
        _ => found,
    });
    let verdict = match found {
        Some(found) if found <= promise.at_most => "holds",
        Some(_) => "**does not**",
        None if whole => "not measured",
        None => return None,
    };
    let Promise { what, at_most, .. } = promise;
    let found = found.map_or("-".to_owned(), |found| format!("{found:.3}"));
    Some(format!(
        "| {}: {what} | {} | {} | {found} | {at_most:.2} | {verdict} |",
        promise.quantity.title(),
        number(ours),
        number(theirs),
    ))
}
