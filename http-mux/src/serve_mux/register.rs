//! Registering: handlers, services, fallbacks, names, and the routes of another mux.

use std::panic::Location;
use std::sync::Arc;

use super::error::PatternError;
use super::pattern::Pattern;
use super::table::EntryId;
use super::{Endpoint, Routes, ServeMux, mount};
use crate::handler::{BoxHandler, Handler};

/// A pattern that has just been registered, to give it a name.
#[derive(Debug)]
pub struct Registration<'m> {
    mux: &'m mut ServeMux,
    id: EntryId,
}

impl Registration<'_> {
    /// Names the route, for [`ServeMux::url`].
    ///
    /// # Panics
    ///
    /// When another route has that name; [`try_named`](Self::try_named) does not.
    #[track_caller]
    pub fn named(self, name: &str) {
        if let Err(error) = self.try_named(name) {
            panic!("{error}");
        }
    }

    /// Names the route.
    ///
    /// # Errors
    ///
    /// Another route has that name. The route is registered all the same, without one.
    pub fn try_named(self, name: &str) -> Result<(), PatternError> {
        let routes = Arc::make_mut(&mut self.mux.routes);
        let entry = routes.table.entry_mut(self.id);
        if routes.names.contains_key(name) {
            let pattern = entry.pattern.as_str();
            return Err(PatternError::misplaced(
                pattern,
                "its name is taken by another route",
            ));
        }
        entry.value.name = Some(name.into());
        routes.names.insert(name.into(), self.id);
        Ok(())
    }
}

impl ServeMux {
    /// Registers a handler.
    ///
    /// # Panics
    ///
    /// When the pattern is malformed or conflicts with one that is registered; [`try_handle`](Self::try_handle) returns that.
    #[track_caller]
    pub fn handle<M: 'static>(
        &mut self,
        pattern: &str,
        handler: impl Handler<M>,
    ) -> Registration<'_> {
        or_panic(self.add(pattern, BoxHandler::new(handler), Location::caller()))
    }

    /// Registers a handler, or leaves the mux as it is and says why.
    #[track_caller]
    pub fn try_handle<M: 'static>(
        &mut self,
        pattern: &str,
        handler: impl Handler<M>,
    ) -> Result<Registration<'_>, PatternError> {
        self.add(pattern, BoxHandler::new(handler), Location::caller())
    }

    /// Registers a tower service, which sees the request as it came.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle).
    #[track_caller]
    pub fn handle_service<S: mount::Mountable>(
        &mut self,
        pattern: &str,
        service: S,
    ) -> Registration<'_> {
        or_panic(self.add(pattern, mount::handler(service), Location::caller()))
    }

    /// As [`handle_service`](Self::handle_service), with the error returned.
    #[track_caller]
    pub fn try_handle_service<S: mount::Mountable>(
        &mut self,
        pattern: &str,
        service: S,
    ) -> Result<Registration<'_>, PatternError> {
        self.add(pattern, mount::handler(service), Location::caller())
    }

    /// Registers a tower service for all below a prefix, which is taken off the path that the service sees: below `/api`, it sees `/api/items`
    /// as `/items`. The prefix may have a host and wildcards; [`Mounted`](super::Mounted) tells the service what it was. `/api` itself is redirected
    /// to `/api/`.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle), and when the prefix has a method or a rest.
    #[track_caller]
    pub fn mount<S: mount::Mountable>(&mut self, prefix: &str, service: S) -> Registration<'_> {
        or_panic(self.add_mount(prefix, service, Location::caller()))
    }

    /// As [`mount`](Self::mount), with the error returned.
    #[track_caller]
    pub fn try_mount<S: mount::Mountable>(
        &mut self,
        prefix: &str,
        service: S,
    ) -> Result<Registration<'_>, PatternError> {
        self.add_mount(prefix, service, Location::caller())
    }

    /// Adds the routes of another mux below a prefix (a path, and perhaps a host), as if each had been registered here with the prefix before
    /// its path: conflicts are found, names and fallbacks come along, and handlers see the whole path. Either all come or none.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle); [`try_nest`](Self::try_nest) does not.
    #[track_caller]
    pub fn nest(&mut self, prefix: &str, mux: &Self) {
        or_panic(self.try_nest(prefix, mux));
    }

    /// As [`nest`](Self::nest), with the error returned.
    pub fn try_nest(&mut self, prefix: &str, mux: &Self) -> Result<(), PatternError> {
        let mut routes = Routes::clone(&self.routes);
        for entry in mux.routes.table.entries() {
            let pattern = prefixed(prefix, &entry.pattern)?;
            let id = routes
                .table
                .insert(pattern, entry.location, entry.value.clone())?;
            if let Some(name) = &entry.value.name {
                if routes.names.insert(name.clone(), id).is_some() {
                    let reason = "its name is taken by another route";
                    return Err(PatternError::misplaced(entry.pattern.as_str(), reason));
                }
            }
        }
        let inner = &*mux.routes;
        for (to, from) in [
            (&mut routes.not_found, &inner.not_found),
            (&mut routes.method_not_allowed, &inner.method_not_allowed),
        ] {
            for entry in from.entries() {
                let pattern = prefixed(prefix, &entry.pattern)?;
                to.insert(pattern, entry.location, entry.value.clone())?;
            }
        }
        self.routes = Arc::new(routes);
        Ok(())
    }

    /// Registers what answers below `subtree` (a pattern without a method that ends with a slash) when no pattern matches; `/` is the whole mux. The
    /// more specific subtree wins. Its status is sent as it is.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle), and when the pattern is no subtree.
    #[track_caller]
    pub fn not_found<M: 'static>(&mut self, subtree: &str, handler: impl Handler<M>) {
        or_panic(self.try_not_found(subtree, handler));
    }

    /// As [`not_found`](Self::not_found), with the error returned.
    #[track_caller]
    pub fn try_not_found<M: 'static>(
        &mut self,
        subtree: &str,
        handler: impl Handler<M>,
    ) -> Result<(), PatternError> {
        let pattern = parse_subtree(subtree)?;
        let routes = Arc::make_mut(&mut self.routes);
        let handler = BoxHandler::new(handler);
        routes
            .not_found
            .insert(pattern, Location::caller(), handler)?;
        Ok(())
    }

    /// Registers what answers below `subtree` when only other methods have a pattern. `Allow` is added to its response if that is a 405 without one.
    ///
    /// # Panics
    ///
    /// As [`not_found`](Self::not_found).
    #[track_caller]
    pub fn method_not_allowed<M: 'static>(&mut self, subtree: &str, handler: impl Handler<M>) {
        or_panic(self.try_method_not_allowed(subtree, handler));
    }

    /// As [`method_not_allowed`](Self::method_not_allowed), with the error returned.
    #[track_caller]
    pub fn try_method_not_allowed<M: 'static>(
        &mut self,
        subtree: &str,
        handler: impl Handler<M>,
    ) -> Result<(), PatternError> {
        let pattern = parse_subtree(subtree)?;
        let routes = Arc::make_mut(&mut self.routes);
        let handler = BoxHandler::new(handler);
        routes
            .method_not_allowed
            .insert(pattern, Location::caller(), handler)?;
        Ok(())
    }

    fn add(
        &mut self,
        pattern: &str,
        handler: BoxHandler,
        location: &'static Location<'static>,
    ) -> Result<Registration<'_>, PatternError> {
        let pattern: Pattern = pattern.parse()?;
        let endpoint = Endpoint {
            handler,
            name: None,
        };
        let routes = Arc::make_mut(&mut self.routes);
        let id = routes.table.insert(pattern, location, endpoint)?;
        Ok(Registration { mux: self, id })
    }

    fn add_mount<S: mount::Mountable>(
        &mut self,
        prefix: &str,
        service: S,
        location: &'static Location<'static>,
    ) -> Result<Registration<'_>, PatternError> {
        let slash = if prefix.ends_with('/') { "" } else { "/" };
        let subtree = parse_subtree(&format!("{prefix}{slash}"))?;
        let segments = subtree.segments().len() - 1;
        self.add(subtree.as_str(), mount::below(segments, service), location)
    }
}

fn parse_subtree(text: &str) -> Result<Pattern, PatternError> {
    let pattern: Pattern = text.parse()?;
    if pattern.is_subtree() {
        Ok(pattern)
    } else {
        Err(PatternError::misplaced(
            text,
            "a subtree has no method and ends with a slash",
        ))
    }
}

/// `pattern` with `prefix` (`[HOST]/PATH`) before its path.
fn prefixed(prefix: &str, pattern: &Pattern) -> Result<Pattern, PatternError> {
    let slash = prefix.find('/').unwrap_or(prefix.len());
    let (host, path) = prefix.split_at(slash);
    let host = match pattern.host() {
        Some(_) if !host.is_empty() => {
            return Err(PatternError::misplaced(
                pattern.as_str(),
                "it has a host, and so has the prefix",
            ));
        }
        Some(own) => own,
        None => host,
    };
    let method = pattern
        .method()
        .map_or(String::new(), |method| format!("{method} "));
    let path = path.trim_end_matches('/');
    format!("{method}{host}{path}{}", pattern.path()).parse()
}

#[track_caller]
fn or_panic<T>(result: Result<T, PatternError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
