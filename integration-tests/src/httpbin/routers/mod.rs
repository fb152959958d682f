//! The same table on four routers.

pub mod axum;
pub mod closure;
