//! Starting a server or a client by its name, whichever kind it is of.

use std::io;

use crate::clients::{Client, is_download};
use crate::load::Workload;
use crate::process::{Child, Tool};
use crate::servers::{Foreign, Kind, Server, go, nginx};

/// Knows how to start every server and client; programs of other worlds are prepared once.
#[derive(Debug)]
pub(super) struct Starter {
    foreign: Vec<(&'static str, Foreign)>,
}

impl Starter {
    /// Looks for the foreign programs among these and builds what must be built.
    pub(super) fn new(
        servers: &[&'static Server],
        clients: &[&'static Client],
    ) -> io::Result<Starter> {
        let servers = servers.iter().map(|server| (server.name, server.kind));
        let clients = clients.iter().map(|client| (client.name, client.kind));
        let mut foreign: Vec<(&'static str, Foreign)> = Vec::new();
        for (name, _) in servers
            .chain(clients)
            .filter(|(_, kind)| *kind == Kind::Foreign)
        {
            let known = foreign.iter().any(|(other, _)| *other == name);
            let found = match name {
                "go" if !known => go()?,
                "nginx" if !known => nginx()?,
                _ => None,
            };
            foreign.extend(found.map(|program| (name, program)));
        }
        Ok(Starter { foreign })
    }

    /// Whether this server or client can run here.
    pub(super) fn has(&self, name: &str, kind: Kind) -> bool {
        kind == Kind::Own || self.program(name).is_some()
    }

    /// Starts a server.
    pub(super) fn start(&self, server: &Server, tool: Tool) -> io::Result<Child> {
        match self.program(server.name) {
            Some(program) => program.serve(tool),
            None => Child::again(tool, &["serve", server.name]),
        }
    }

    /// Starts a client that sends so many requests to this server, from as many callers as the load has connections.
    pub(super) fn call(
        &self,
        client: &Client,
        tool: Tool,
        server: &Child,
        load: &Workload,
        requests: usize,
    ) -> io::Result<Child> {
        let numbers = [
            server.address.to_string(),
            load.connections.to_string(),
            requests.to_string(),
        ];
        let [address, callers, requests] = numbers.each_ref().map(String::as_str);
        let verb = match is_download(load) {
            true => "download",
            false => "call",
        };
        match self.program(client.name) {
            Some(program) => program.call(tool, &[verb, address, callers, requests]),
            None => Child::again(tool, &[verb, client.name, address, callers, requests]),
        }
    }

    fn program(&self, name: &str) -> Option<&Foreign> {
        let found = self.foreign.iter().find(|(other, _)| *other == name);
        found.map(|(_, program)| program)
    }
}
