package import FastJSON

extension JSONView {
    /// The value of a member that must be there.
    ///
    /// - Throws: ``IssueDecodingError`` naming the member.
    package func required<Value>(_ name: StaticString, _ read: (JSONView) -> Value?) throws(IssueDecodingError) -> Value
    {
        guard let value = self[name].flatMap(read) else { throw .missing(name.description) }
        return value
    }

    package func requiredArray(_ name: StaticString) throws(IssueDecodingError) -> JSONView {
        try required(name) { $0.kind == .array ? $0 : nil }
    }
}

extension JSONWriter {
    /// A member that is an array of strings.
    package mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        array { list in for value in values { list.string(value) } }
    }
}
