//! Making connections.

/// stub
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route { Direct }
