#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::callback::xml::Element;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(element) = Element::read(&text) {
        let written = element.write();
        let again = Element::read(&written).unwrap();
        assert_eq!(again.write(), written);
    }
    let _ = wire::callback::message::Incoming::parse(&text);
});
