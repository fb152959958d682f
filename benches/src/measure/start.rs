//! Starting a server by its name, whichever kind it is of.

use std::io;

use crate::process::{Child, Tool};
use crate::servers::{Foreign, Kind, Server, go, nginx};

/// Knows how to start every server; programs of other worlds are prepared once.
#[derive(Debug)]
pub struct Starter {
    foreign: Vec<(&'static str, Foreign)>,
}

impl Starter {
    /// Looks for the foreign programs among these servers and builds what must be built.
    pub fn new(servers: &[&'static Server]) -> io::Result<Starter> {
        let mut foreign = Vec::new();
        for server in servers.iter().filter(|server| server.kind == Kind::Foreign) {
            let found = match server.name {
                "go" => go()?,
                "nginx" => nginx()?,
                _ => None,
            };
            foreign.extend(found.map(|program| (server.name, program)));
        }
        Ok(Starter { foreign })
    }

    /// Whether this server can run here.
    pub fn has(&self, server: &Server) -> bool {
        server.kind == Kind::Own || self.foreign.iter().any(|(name, _)| *name == server.name)
    }

    /// Starts it.
    pub fn start(&self, server: &Server, tool: Tool) -> io::Result<Child> {
        match self.foreign.iter().find(|(name, _)| *name == server.name) {
            Some((_, program)) => program.start(tool),
            None => Child::again(tool, &["serve", server.name]),
        }
    }
}
