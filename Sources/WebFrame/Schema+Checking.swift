public import FastJSON

extension Schema {
    /// Where a value is not as its schema says.
    public struct Violation: Hashable, Sendable {
        /// A JSON pointer (RFC 6901); empty for the whole value.
        public let pointer: String
        public let message: String
    }

    /// Violations told of one value at most; further ones are of no use to anybody.
    static let violationLimit = 20

    /// What is wrong with `value`; empty where it fits.
    public func violations(of value: JSONValue) -> [Violation] {
        var found: [Violation] = []
        check(value, at: "", &found)
        return found
    }

    private func check(_ value: JSONValue, at pointer: String, _ found: inout [Violation]) {
        guard found.count < Self.violationLimit, !(isNullable && value == .null) else { return }
        func refuse(_ message: String) { found.append(Violation(pointer: pointer, message: message)) }
        switch form {
        case .text(let length, let format, _):
            guard let text = value.string else { return refuse("must be a string") }
            if let message = Self.complaint(about: text, length, format) { refuse(message) }
        case .choice(let values):
            guard let text = value.string, values.contains(text) else {
                return refuse("must be one of \(values.joined(separator: ", "))")
            }
        case .integer(let range):
            guard let number = value.integer, range.contains(number) else {
                return refuse("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
        case .number: if value.double == nil { refuse("must be a number") }
        case .boolean: if value.bool == nil { refuse("must be true or false") }
        case .list(let element, let count):
            guard let elements = value.array else { return refuse("must be a list") }
            guard count.contains(elements.count) else {
                return refuse("must have \(count.lowerBound) to \(count.upperBound) elements")
            }
            for (position, one) in elements.enumerated() { element.check(one, at: "\(pointer)/\(position)", &found) }
        case .object(let properties, let isClosed): check(value, properties, isClosed, pointer, &found)
        case .map(let schema):
            guard case .object(let members) = value else { return refuse("must be an object") }
            for member in members { schema.check(member.value, at: pointer + "/" + Self.escaped(member.key), &found) }
        case .named(_, let schema): schema.check(value, at: pointer, &found)
        case .anything: break
        }
    }

    private func check(
        _ value: JSONValue, _ properties: [Property], _ isClosed: Bool, _ pointer: String, _ found: inout [Violation]
    ) {
        guard case .object(let members) = value else {
            found.append(Violation(pointer: pointer, message: "must be an object"))
            return
        }
        if Set(members.map(\.key)).count != members.count {
            found.append(Violation(pointer: pointer, message: "has the same member twice"))
        }
        for property in properties {
            if let one = value[property.name] {
                property.schema.check(one, at: "\(pointer)/\(property.name)", &found)
            } else if property.isRequired {
                found.append(Violation(pointer: "\(pointer)/\(property.name)", message: "is missing"))
            }
        }
        guard isClosed else { return }
        let known = Set(properties.map(\.name))
        for member in members.prefix(Self.violationLimit) where !known.contains(member.key) {
            let path = pointer + "/" + Self.escaped(String(member.key.prefix(80)))
            found.append(Violation(pointer: path, message: "is not known here"))
        }
    }

    private static func complaint(about text: String, _ length: ClosedRange<Int>, _ format: String?) -> String? {
        guard length.contains(text.unicodeScalars.count) else {
            return "must have \(length.lowerBound) to \(length.upperBound) characters"
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 || [0x09, 0x0A, 0x0D].contains($0.value) }) else {
            return "must not have control characters"
        }
        guard format == "uri" || format == "email" else { return nil }
        return text.unicodeScalars.contains { $0.properties.isWhitespace } ? "must not have blanks" : nil
    }

    /// A member's name in a JSON pointer.
    private static func escaped(_ name: String) -> String {
        name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    /// The value that a query or path gives as text, as this schema understands it.
    func value(ofText text: String) -> JSONValue {
        switch form {
        case .integer: Int64(text).map { .integer($0) } ?? .string(text)
        case .number: Double(text).map { .double($0) } ?? .string(text)
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        case .named(_, let schema): schema.value(ofText: text)
        default: .string(text)
        }
    }

    /// Whether a parameter with this schema may be given several times.
    var isList: Bool { if case .list = form { true } else { false } }

    /// A list's elements.
    var element: Schema { if case .list(let element, _) = form { element } else { self } }
}
