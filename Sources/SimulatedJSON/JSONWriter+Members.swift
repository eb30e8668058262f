package import FastJSON

extension JSONWriter {
    package mutating func member(_ name: String, object body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    package mutating func member(_ name: String, array body: (inout JSONWriter) -> Void) {
        key(name)
        array(body)
    }

    package mutating func member(_ name: String, raw bytes: some Collection<UInt8>) {
        key(name)
        raw(bytes)
    }

    /// Writes the member unless the value is absent.
    package mutating func optional(_ name: String, _ value: String?) {
        if let value { member(name, value) }
    }
}
