//! Bar charts as SVG: one a quantity that a reader asks for first.

use std::io;
use std::path::Path;

use plotters::prelude::*;

use super::Report;
use super::table::title;
use crate::load::workload;
use crate::measure::{Figure, Quantity, Side};

const WIDTH: u32 = 860;
const BAR: u32 = 26;
const NAMES: u32 = 230;

/// The charts of a run: side, load, quantity.
const CHARTS: &[(Side, &str, Quantity)] = &[
    (Side::Server, "get-1", Quantity::Instructions),
    (Side::Server, "browser-64", Quantity::Instructions),
    (Side::Server, "get-64", Quantity::Cpu),
    (Side::Server, "pipelined-16", Quantity::Cpu),
    (Side::Server, "idle", Quantity::IdleMemory),
    (Side::Client, "get-1", Quantity::Instructions),
    (Side::Client, "get-64", Quantity::Cpu),
];

/// Draws each chart that has figures.
pub(super) fn charts(report: &Report, directory: &Path) -> io::Result<()> {
    for (side, load, quantity) in CHARTS {
        let mut bars: Vec<&Figure> = report
            .figures
            .iter()
            .filter(|figure| {
                figure.side == *side && figure.workload == *load && figure.quantity == *quantity
            })
            .collect();
        if bars.len() < 2 {
            continue;
        }
        bars.sort_by(|one, other| one.median.total_cmp(&other.median));
        let name = serde_json::to_value((side, quantity)).map_err(io::Error::other)?;
        let name = format!("{}-{load}-{}.svg", text(&name[0]), text(&name[1]));
        let heading = format!(
            "{}: {}",
            workload(load)
                .map_or("idle connections", |workload| workload.title)
                .replace('`', ""),
            quantity.title()
        );
        draw(
            &directory.join(name),
            &heading,
            &report.machine.line(),
            &bars,
        )
        .map_err(io::Error::other)?;
    }
    Ok(())
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or("")
}

/// Horizontal bars from the least to the most, each with its number.
fn draw(
    file: &Path,
    heading: &str,
    machine: &str,
    bars: &[&Figure],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let height = 70 + BAR * bars.len() as u32;
    let area = SVGBackend::new(file, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let (large, small) = (
        ("sans-serif", 18).into_font(),
        ("sans-serif", 13).into_font(),
    );
    area.draw(&Text::new(heading.to_owned(), (10, 10), large))?;
    let most = bars.iter().map(|figure| figure.median).fold(0.0, f64::max);
    let room = f64::from(WIDTH - NAMES - 110);
    for (at, figure) in bars.iter().enumerate() {
        let top = 40 + (BAR as usize * at) as i32;
        let end = NAMES as i32 + (figure.median / most * room) as i32;
        let name = title(figure.side, figure.subject).replace(['*', '`'], "");
        let colour = if figure.subject.starts_with("ours") {
            RGBColor(32, 110, 180)
        } else {
            RGBColor(176, 184, 192)
        };
        let bar = [
            (NAMES as i32, top),
            (end.max(NAMES as i32 + 1), top + BAR as i32 - 6),
        ];
        area.draw(&Text::new(name, (10, top + 3), small.clone()))?;
        area.draw(&Rectangle::new(bar, colour.filled()))?;
        let number = format!("{:.0}", figure.median);
        area.draw(&Text::new(number, (end + 6, top + 3), small.clone()))?;
    }
    let foot = ("sans-serif", 11)
        .into_font()
        .color(&RGBColor(110, 110, 110));
    area.draw(&Text::new(
        machine.to_owned(),
        (10, height as i32 - 18),
        foot,
    ))?;
    area.present()?;
    Ok(())
}
