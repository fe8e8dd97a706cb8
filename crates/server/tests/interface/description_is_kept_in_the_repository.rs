use std::path::Path;

/// `UPDATE=1 cargo test -p server description` writes the copy anew.
#[test]
fn the_description_in_the_repository_is_that_of_the_server() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let mut current = server::openapi().to_pretty_json().unwrap();
    current.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == current, "docs/openapi.json is out of date: run this test with UPDATE=1");
}
