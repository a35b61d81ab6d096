# Recipes for daily work; `just` lists them. `./test` is what decides.

_list:
    @just --list

# Formatting and lints.
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# Everything that continuous integration checks.
test:
    ./test

# Run the tests and take what they now print as the new snapshots; read the diff before committing.
snap:
    INSTA_UPDATE=always cargo test --release --workspace --lib --bins --tests

# Benchmarks of the hot paths; `just bench records` for one crate.
bench crate='':
    cargo bench {{ if crate == '' { '--workspace --benches' } else { '-p twinloom-' + crate } }}

# The API documentation, in a browser.
docs:
    cargo doc --no-deps --workspace --open

# A small population from birth to report.
demo *options:
    cargo run --release -- demo {{ options }}
