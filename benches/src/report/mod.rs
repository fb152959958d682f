//! What a run leaves behind: `results.json`, `results.md` and charts.

mod chart;
mod machine;
mod table;
mod verdict;

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use machine::Machine;

use crate::measure::Figure;

/// Everything that a run found.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// How many interleaved rounds each CPU figure is the middle of.
    pub rounds: usize,
    /// Whether nothing was left out; what was not found is told then.
    pub whole: bool,
    /// What was found.
    pub figures: Vec<Figure>,
}

impl Report {
    /// The report that an earlier run wrote into a directory.
    pub fn read(directory: &Path) -> io::Result<Report> {
        let text = std::fs::read_to_string(directory.join("results.json"))?;
        // Names in figures are static; a run reads few reports.
        serde_json::from_str(String::leak(text)).map_err(io::Error::other)
    }

    /// Takes in the figures of another report that this one does not have.
    pub fn add(&mut self, other: Report) {
        for figure in other.figures {
            let known = self.figures.iter().any(|known| known.is_of(&figure));
            if !known {
                self.figures.push(figure);
            }
        }
    }

    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Side by side\n\n{}; {} interleaved rounds a CPU figure. `low..high` are quartiles.\n",
            self.machine.line(),
            self.rounds
        );
        text.push_str(&verdict::table(&self.figures, self.whole));
        text.push_str(&table::tables(&self.figures));
        text
    }

    /// Writes the three forms into a directory.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        std::fs::create_dir_all(directory)?;
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        std::fs::write(directory.join("results.json"), json + "\n")?;
        std::fs::write(directory.join("results.md"), self.markdown())?;
        chart::charts(self, directory)
    }
}
