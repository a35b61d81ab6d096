//! What chance alone would give: sets when people keep their number of conditions and conditions
//! their number of people, and orders when every order is equally likely.

mod curveball;
mod order;
mod sets;

pub use order::{ArcByChance, order_by_chance};
pub use sets::{Family, Mixing, SetByChance, SetsByChance, Trades, sets_by_chance};
