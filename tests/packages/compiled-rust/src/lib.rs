#[no_mangle]
pub extern "C" fn probe(n: i32) -> i32 { if n > 7 { panic!("too large") } n + 1 }
