//! UI Automation, as far as it is needed: the element in focus, and three of its properties.
//!
//! The tables stop at the last method that is called (UIAutomationClient.idl of the Windows SDK; COM never moves one).

use std::ffi::c_void;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::offset_of;
use std::ptr::{self, NonNull};

use candor_redact::ElementId;
use windows_sys::Win32::Foundation::VARIANT_FALSE;
use windows_sys::Win32::System::Com::{
    CLSCTX_INPROC_SERVER, COINIT_MULTITHREADED, CoCreateInstance, CoInitializeEx, SAFEARRAY,
};
use windows_sys::Win32::System::Ole::{
    SafeArrayAccessData, SafeArrayDestroy, SafeArrayGetUBound, SafeArrayUnaccessData,
};
use windows_sys::Win32::System::Variant::{VARIANT, VT_BOOL, VT_I4, VariantClear};
use windows_sys::Win32::UI::Accessibility::{CUIAutomation, UIA_ControlTypePropertyId, UIA_IsPasswordPropertyId};
use windows_sys::core::{BOOL, GUID, HRESULT};

use super::field::Told;

const IID_IUIAUTOMATION: GUID = GUID::from_u128(0x30cbe57d_d9d0_452a_ab13_7ac5ac4825ee);

/// `IUnknown`, with which each table begins.
#[repr(C)]
struct Unknown {
    _query_interface: usize,
    _add_ref: usize,
    release: unsafe extern "system" fn(*mut c_void) -> u32,
}

/// `IUIAutomation`.
#[repr(C)]
struct AutomationTable {
    unknown: Unknown,
    _until_element_from_point: [usize; 5],
    focused: unsafe extern "system" fn(*mut c_void, *mut *mut c_void) -> HRESULT,
}

/// `IUIAutomationElement`.
#[repr(C)]
struct ElementTable {
    unknown: Unknown,
    _set_focus: usize,
    runtime_id: unsafe extern "system" fn(*mut c_void, *mut *mut SAFEARRAY) -> HRESULT,
    _until_current_property_value: [usize; 6],
    current_property_value_ex: unsafe extern "system" fn(*mut c_void, i32, BOOL, *mut VARIANT) -> HRESULT,
}

// Their places, counted from 0 as the IDL lists them.
const _: () = assert!(offset_of!(AutomationTable, focused) / size_of::<usize>() == 8);
const _: () = assert!(offset_of!(ElementTable, runtime_id) / size_of::<usize>() == 4);
const _: () = assert!(offset_of!(ElementTable, current_property_value_ex) / size_of::<usize>() == 11);

/// A counted reference to an object whose table begins with `T`.
struct Object<T>(NonNull<*const T>);

impl<T> Object<T> {
    /// Takes over the reference that a call gave out.
    ///
    /// # Safety
    /// `object` is null or a reference that this may release, to an object with the table `T`.
    unsafe fn take(object: *mut c_void) -> Option<Self> {
        NonNull::new(object.cast()).map(Self)
    }

    fn raw(&self) -> *mut c_void {
        self.0.as_ptr().cast()
    }

    fn table(&self) -> &T {
        // SAFETY: an object begins with the pointer to its table, and both live as long as the reference.
        unsafe { &**self.0.as_ptr() }
    }
}

impl<T> Drop for Object<T> {
    fn drop(&mut self) {
        let unknown = ptr::from_ref(self.table()).cast::<Unknown>();
        // SAFETY: every table begins with that of IUnknown, and this reference is released once.
        unsafe { ((*unknown).release)(self.raw()) };
    }
}

/// The interface; used by the thread that made it.
pub(super) struct Automation(Object<AutomationTable>);

impl Automation {
    /// Nothing where the system has none.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: the thread is ours and has no apartment yet; it keeps this one to its end. A second call does no harm.
        unsafe { CoInitializeEx(ptr::null(), COINIT_MULTITHREADED as u32) };
        let mut object = ptr::null_mut();
        // SAFETY: class and interface belong together; `object` is written once, with a reference that is ours.
        let made = unsafe {
            let made = CoCreateInstance(
                &CUIAutomation,
                ptr::null_mut(),
                CLSCTX_INPROC_SERVER,
                &IID_IUIAUTOMATION,
                &mut object,
            );
            (made >= 0).then(|| Object::take(object))
        };
        made.flatten().map(Self)
    }

    /// What is told of the element in focus. May take as long as its application likes.
    pub(super) fn focused(&self) -> Option<(Option<ElementId>, Told)> {
        let mut object = ptr::null_mut();
        // SAFETY: the method's signature; on success `object` is null or a reference that is ours.
        let element = unsafe {
            let found = (self.0.table().focused)(self.0.raw(), &mut object);
            (found >= 0).then(|| Object::<ElementTable>::take(object)).flatten()?
        };
        let control_type = property(&element, UIA_ControlTypePropertyId, integer);
        let password = property(&element, UIA_IsPasswordPropertyId, boolean);
        Some((element_id(&element), Told { control_type, password }))
    }
}

/// A property as the provider tells it. What it leaves to the interface's defaults is none: those are "no" and "custom".
fn property<V>(element: &Object<ElementTable>, id: i32, read: impl Fn(&VARIANT) -> Option<V>) -> Option<V> {
    const IGNORE_DEFAULT: BOOL = 1;
    let mut value = VARIANT::default();
    // SAFETY: the method's signature; `value` is empty and stays ours.
    let told = unsafe { (element.table().current_property_value_ex)(element.raw(), id, IGNORE_DEFAULT, &mut value) };
    let read = if told >= 0 { read(&value) } else { None };
    // SAFETY: the value was ours before the call and is after it; it is not used again.
    unsafe { VariantClear(&mut value) };
    read
}

fn integer(value: &VARIANT) -> Option<i32> {
    // SAFETY: the type says which of the union's fields is set; the type itself always is.
    unsafe {
        let value = &value.Anonymous.Anonymous;
        if value.vt == VT_I4 { Some(value.Anonymous.lVal) } else { None }
    }
}

fn boolean(value: &VARIANT) -> Option<bool> {
    // SAFETY: as above.
    unsafe {
        let value = &value.Anonymous.Anonymous;
        if value.vt == VT_BOOL { Some(value.Anonymous.boolVal != VARIANT_FALSE) } else { None }
    }
}

/// A number for the element's runtime identifier, which is a list of integers that no other element of the desktop has.
fn element_id(element: &Object<ElementTable>) -> Option<ElementId> {
    let mut array = ptr::null_mut();
    // SAFETY: the method's signature; the array is ours on success.
    let told = unsafe { (element.table().runtime_id)(element.raw(), &mut array) };
    if told < 0 || array.is_null() {
        return None;
    }
    let (mut last, mut data) = (-1, ptr::null_mut());
    let mut hash = DefaultHasher::new();
    // SAFETY: the array is one of 32-bit integers with one dimension, counted from 0 to `last`, and lies still between
    // access and the end of access. It is destroyed once.
    let read = unsafe {
        let is_list = (*array).cDims == 1 && (*array).cbElements == 4;
        let read =
            is_list && SafeArrayGetUBound(array, 1, &mut last) >= 0 && SafeArrayAccessData(array, &mut data) >= 0;
        if read {
            let len = usize::try_from(last + 1).unwrap_or(0);
            if len > 0 && !data.is_null() {
                std::slice::from_raw_parts(data.cast::<i32>(), len).hash(&mut hash);
            }
            SafeArrayUnaccessData(array);
        }
        SafeArrayDestroy(array);
        read && last >= 0
    };
    read.then(|| ElementId(hash.finish()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

    use windows_sys::Win32::Foundation::{E_FAIL, S_OK, VARIANT_TRUE};
    use windows_sys::Win32::System::Ole::{SafeArrayCreateVector, SafeArrayPutElement};
    use windows_sys::Win32::System::Variant::VT_EMPTY;

    use super::*;

    /// An application that answers as the test says: what `IsPassword` is, and how often it was let go.
    static PASSWORD: AtomicI32 = AtomicI32::new(0);
    static RELEASED: AtomicU32 = AtomicU32::new(0);
    const NOT_TOLD: i32 = 1;
    const FAILS: i32 = 2;

    static ELEMENT: ElementTable = ElementTable {
        unknown: UNKNOWN,
        _set_focus: 0,
        runtime_id,
        _until_current_property_value: [0; 6],
        current_property_value_ex,
    };
    static AUTOMATION: AutomationTable =
        AutomationTable { unknown: UNKNOWN, _until_element_from_point: [0; 5], focused };
    const UNKNOWN: Unknown = Unknown { _query_interface: 0, _add_ref: 0, release };

    unsafe extern "system" fn release(_: *mut c_void) -> u32 {
        RELEASED.fetch_add(1, Ordering::Relaxed);
        0
    }

    unsafe extern "system" fn focused(_: *mut c_void, element: *mut *mut c_void) -> HRESULT {
        // An object is a pointer to its table; this one is never freed.
        let object: &'static mut *const ElementTable = Box::leak(Box::new(&raw const ELEMENT));
        // SAFETY: the caller gives a place for the reference.
        unsafe { *element = ptr::from_mut(object).cast() };
        S_OK
    }

    unsafe extern "system" fn runtime_id(_: *mut c_void, id: *mut *mut SAFEARRAY) -> HRESULT {
        // SAFETY: a list of two integers, written at its two places; the caller gives a place for it and owns it then.
        unsafe {
            *id = SafeArrayCreateVector(VT_I4, 0, 2);
            for (at, part) in [42, 7].into_iter().enumerate() {
                SafeArrayPutElement(*id, &(at as i32), ptr::from_ref(&part).cast());
            }
        }
        S_OK
    }

    unsafe extern "system" fn current_property_value_ex(
        _: *mut c_void,
        id: i32,
        ignore_default: BOOL,
        value: *mut VARIANT,
    ) -> HRESULT {
        assert_eq!(ignore_default, 1, "the interface's default is no answer");
        let password = PASSWORD.load(Ordering::Relaxed);
        // SAFETY: the caller gives a place for the value.
        let value = unsafe { &mut (*value).Anonymous.Anonymous };
        if id != UIA_IsPasswordPropertyId {
            (value.vt, value.Anonymous.lVal) = (VT_I4, 50004);
        } else if password == FAILS {
            return E_FAIL;
        } else if password == NOT_TOLD {
            value.vt = VT_EMPTY;
        } else {
            (value.vt, value.Anonymous.boolVal) = (VT_BOOL, password as i16);
        }
        S_OK
    }

    #[test]
    fn what_an_application_does_not_tell_is_no_answer_and_every_reference_is_let_go() {
        let mut object = &raw const AUTOMATION;
        // SAFETY: an object with that table, that outlives the reference.
        let automation = unsafe { Object::take((&raw mut object).cast()) }.map(Automation).unwrap();
        let mut ids = Vec::new();
        for (answer, expect) in
            [(VARIANT_TRUE.into(), Some(true)), (VARIANT_FALSE.into(), Some(false)), (NOT_TOLD, None), (FAILS, None)]
        {
            PASSWORD.store(answer, Ordering::Relaxed);
            let (id, told) = automation.focused().unwrap();
            assert_eq!(told, Told { control_type: Some(50004), password: expect });
            ids.push(id.unwrap());
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "the same element has the same number");
        drop(automation);
        assert_eq!(RELEASED.load(Ordering::Relaxed), 5);
    }
}
