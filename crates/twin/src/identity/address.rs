//! Fictitious addresses: every dwelling of a locality has its own.

use crate::person::Address;

/// Streets of each decile of a locality.
const STREETS_PER_DECILE: u64 = 40;
/// Houses of a street that have one postcode.
const HOUSES_PER_POSTCODE: u64 = 30;
/// Inward halves of a postcode: a digit and two letters.
const INWARD_CODES: u64 = 10 * 20 * 20;
/// Letters that the inward half may hold (Royal Mail: not C, I, K, M, O, V).
const POSTCODE_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";

const STREET_NAMES: [&str; 40] = [
    "Alder",
    "Barley",
    "Beacon",
    "Bracken",
    "Chestnut",
    "Coppice",
    "Cotter",
    "Dovecote",
    "Elm",
    "Fallow",
    "Ferrier",
    "Foundry",
    "Gable",
    "Hawthorn",
    "Heron",
    "Ivy",
    "Jubilee",
    "Kiln",
    "Larch",
    "Linnet",
    "Marl",
    "Millrace",
    "Nettle",
    "Orchard",
    "Osier",
    "Paddock",
    "Plover",
    "Quarry",
    "Rowan",
    "Saddler",
    "Sorrel",
    "Tanner",
    "Teasel",
    "Thistle",
    "Upper Meadow",
    "Vicarage",
    "Weaver",
    "Willow",
    "Wren",
    "Yew Tree",
];

const STREET_KINDS: [&str; 10] =
    ["Road", "Street", "Close", "Avenue", "Lane", "Drive", "Way", "Terrace", "Crescent", "Gardens"];

const TOWNS: [&str; 36] = [
    "Ashwick-on-Tarn",
    "Bramblehythe",
    "Coldwater Regis",
    "Dunmere Cross",
    "Eastlow",
    "Fernholme",
    "Great Marrow",
    "Harrowdene",
    "Inglemouth",
    "Kettlesby",
    "Little Thornwick",
    "Mosscombe",
    "Northwaite",
    "Oxlip Magna",
    "Penhallow Mere",
    "Quenby St Anne",
    "Rookhythe",
    "Saltermarsh",
    "Thornaby Fell",
    "Underholt",
    "Vexley",
    "Wychbourne Vale",
    "Yarnscombe Bar",
    "Abbotsmere",
    "Brackenshaw",
    "Cawdale",
    "Drayford Regis",
    "Elverstone Heath",
    "Foxhythe",
    "Gorsebeck",
    "Hollowby",
    "Ivelmouth",
    "Larkstoke",
    "Marlingthwaite",
    "Netherwhistle",
    "Ormsbeck",
];

/// Addresses of one locality.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddressBook {
    locality: u64,
}

impl AddressBook {
    pub(crate) fn of_locality(number: usize) -> Self {
        Self { locality: number as u64 }
    }

    /// The address of a dwelling in a street of a decile; distinct for distinct dwellings.
    pub(crate) fn address(self, dwelling: u32, imd_decile: u8, communal: bool) -> Address {
        let (dwelling, decile) = (u64::from(dwelling), u64::from(imd_decile).saturating_sub(1));
        // Neighbouring dwellings stand in different streets; within a street, houses count up.
        let street = decile * STREETS_PER_DECILE + dwelling % STREETS_PER_DECILE;
        let house = 1 + dwelling / STREETS_PER_DECILE;
        let name = STREET_NAMES[((street + 7 * self.locality) % 40) as usize];
        let kind = STREET_KINDS[((street / 40 + 3 * self.locality) % 10) as usize];
        let line = if communal {
            format!("{name} House, {house} {name} {kind}")
        } else {
            format!("{house} {name} {kind}")
        };
        let unit = (street * 8 + (house / HOUSES_PER_POSTCODE).min(7) + 331 * self.locality) % INWARD_CODES;
        let letter = |at: u64| char::from(POSTCODE_LETTERS[(at % 20) as usize]);
        Address {
            line,
            town: TOWNS[(self.locality % TOWNS.len() as u64) as usize].to_owned(),
            postcode: format!("ZZ99 {}{}{}", unit / 400, letter(unit / 20), letter(unit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn law_dwellings_have_addresses_of_their_own() {
        let book = AddressBook::of_locality(3);
        let mut seen = BTreeSet::new();
        for decile in 1..=10 {
            for dwelling in 0..6_000 {
                let address = book.address(dwelling, decile, false);
                assert!(address.postcode.starts_with("ZZ99 "));
                assert!(seen.insert((address.line, address.postcode)), "{dwelling} {decile}");
            }
        }
    }
}
