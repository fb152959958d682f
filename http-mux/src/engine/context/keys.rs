//! What middleware passes on to handlers, by name.

use std::any::Any;
use std::borrow::Cow;

use super::Context;

/// Few values, so a list: the memory stays for the next request.
#[derive(Default)]
pub(super) struct Keys(Vec<(Cow<'static, str>, Box<dyn Any + Send + Sync>)>);

impl Keys {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Context {
    /// Passes a value on under a name, in the place of the one that was there.
    pub fn set<T: Any + Send + Sync>(&mut self, name: impl Into<Cow<'static, str>>, value: T) {
        let name = name.into();
        let keys = &mut self.get_mut().keys.0;
        match keys.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = Box::new(value),
            None => keys.push((name, Box::new(value))),
        }
    }

    /// The value of that name, if there is one and it is a `T`.
    pub fn get<T: Any>(&self, name: &str) -> Option<&T> {
        let (_, value) = self
            .get_ref()
            .keys
            .0
            .iter()
            .find(|(known, _)| known == name)?;
        value.downcast_ref()
    }

    /// Takes the value of that name out, if there is one and it is a `T`.
    pub fn take<T: Any>(&mut self, name: &str) -> Option<T> {
        let keys = &mut self.get_mut().keys.0;
        let at = keys
            .iter()
            .position(|(known, value)| known == name && value.is::<T>())?;
        let (_, value) = keys.swap_remove(at);
        value.downcast().ok().map(|value| *value)
    }
}
