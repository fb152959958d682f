//! Measures the crates beside their peers, and holds their budgets.
