//! Capacities, opening hours, rules and rates of the services.

/// Settings of all services, per 1,000 registered people where they are capacities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupplyParameters {}
