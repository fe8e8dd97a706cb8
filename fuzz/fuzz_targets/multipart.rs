#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use sandbox::in_process::InProcess;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static WORLD: RefCell<Option<(Runtime, InProcess)>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    WORLD.with_borrow_mut(|held| {
        let (runtime, world) = held.get_or_insert_with(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let world = runtime.block_on(InProcess::small()).unwrap();
            (runtime, world)
        });
        runtime.block_on(async {
            world.begin_anew();
            world.upload(data).await;
        });
    });
});
