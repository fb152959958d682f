//! Markdown tables: one a quantity and side, a row a subject, a column a load.

use std::fmt::Write as _;

use crate::clients::client;
use crate::load::workload;
use crate::measure::{Figure, Quantity, Side};
use crate::servers::server;

/// Every table that has a figure in it.
pub(super) fn tables(figures: &[Figure]) -> String {
    let mut text = String::new();
    for side in [Side::Server, Side::Client] {
        for quantity in Quantity::ALL {
            let of: Vec<&Figure> = figures
                .iter()
                .filter(|figure| figure.side == side && figure.quantity == quantity)
                .collect();
            if !of.is_empty() {
                table(&mut text, side, quantity, &of);
            }
        }
    }
    text
}

fn table(text: &mut String, side: Side, quantity: Quantity, figures: &[&Figure]) {
    let loads = distinct(figures.iter().map(|figure| figure.workload));
    let subjects = distinct(figures.iter().map(|figure| figure.subject));
    let who = match side {
        Side::Server => "Servers",
        Side::Client => "Clients",
    };
    let _ = write!(text, "\n## {who}: {}\n\n| |", quantity.title());
    for load in &loads {
        let _ = write!(
            text,
            " {} |",
            workload(load).map_or(*load, |workload| workload.title)
        );
    }
    let _ = write!(text, "\n|---|{}\n", "---:|".repeat(loads.len()));
    for subject in subjects {
        let _ = write!(text, "| {} |", title(side, subject));
        for load in &loads {
            let figure = figures
                .iter()
                .find(|figure| figure.subject == subject && figure.workload == *load);
            let _ = write!(
                text,
                " {} |",
                figure.map_or("-".to_owned(), |figure| cell(figure))
            );
        }
        text.push('\n');
    }
}

/// The names in the order of their first appearance.
fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// How tables call a server or client.
pub(super) fn title(side: Side, subject: &'static str) -> &'static str {
    match side {
        Side::Server => server(subject).map_or(subject, |server| server.title),
        Side::Client => client(subject).map_or(subject, |client| client.title),
    }
}

/// The median, and the quartiles where rounds differ.
fn cell(figure: &Figure) -> String {
    let digits = match figure.quantity {
        Quantity::Allocations | Quantity::SystemCalls => 2,
        Quantity::P50 | Quantity::P99 | Quantity::P999 => 1,
        _ => 0,
    };
    let Figure {
        median, low, high, ..
    } = figure;
    if low == high || figure.quantity == Quantity::Allocations {
        format!("{median:.digits$}")
    } else {
        format!("{median:.digits$} ({low:.digits$}..{high:.digits$})")
    }
}
