//! The child's side of the three lines.

use std::io::BufRead;
use std::net::SocketAddr;
use std::thread;

use crate::allocations;

/// Prints the address and obeys the parent from a thread of its own: the process leaves when its
/// standard input ends.
pub fn obey(address: SocketAddr) {
    println!("{address}");
    thread::spawn(|| {
        for line in std::io::stdin().lock().lines() {
            match line.as_deref() {
                Ok("allocations") => println!("{}", allocations::count()),
                _ => break,
            }
        }
        std::process::exit(0);
    });
}
