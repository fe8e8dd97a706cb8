//! HTTP: REST interface, callback receiver
