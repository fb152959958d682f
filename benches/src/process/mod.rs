//! Child processes: their CPU time, memory and allocations, read from outside.
//!
//! A server or client under measurement is this binary started again, alone in its process and on
//! one core. It speaks three lines: it prints its address when it is ready, answers
//! `allocations` on its standard input with a number, and leaves when its input ends.

mod callgrind;
mod child;
mod control;
pub mod strace;
mod usage;

pub use callgrind::collected;
pub use child::{Child, Tool};
pub use control::obey;
pub use usage::{Usage, of_this_process, open_many_files, resident, stay_on};
