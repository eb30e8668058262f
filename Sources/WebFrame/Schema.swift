public import FastJSON

/// What a JSON value may be: written as JSON Schema 2020-12 into the OpenAPI document, and checked by the same value.
///
/// ```swift
/// .input([.required("name", .text(1...80)), .optional("projects", .list(of: .text(1...80), 0...500))])
/// ```
public struct Schema: Sendable {
    indirect enum Form: Sendable {
        case text(length: ClosedRange<Int>, format: String?, pattern: String?)
        case choice([String])
        case integer(ClosedRange<Int>)
        case number
        case boolean
        case list(Schema, count: ClosedRange<Int>)
        case object([Property], isClosed: Bool)
        case map(Schema)
        case named(String, Schema)
        case anything
    }

    let form: Form
    var words: String?
    var isNullable = false
    var example: JSONValue?

    private init(_ form: Form) { self.form = form }

    /// A string of so many Unicode scalars, without control characters but tab and line ends.
    public static func text(_ length: ClosedRange<Int> = 0...4_096, format: String? = nil) -> Schema {
        Schema(.text(length: length, format: format, pattern: nil))
    }

    /// One of these strings.
    public static func choice(_ values: [String]) -> Schema { Schema(.choice(values)) }

    /// One of an enumeration's raw values.
    public static func choice<Value: CaseIterable & RawRepresentable>(of _: Value.Type) -> Schema
    where Value.RawValue == String { .choice(Value.allCases.map(\.rawValue)) }

    public static func integer(_ range: ClosedRange<Int> = 0...9_007_199_254_740_991) -> Schema {
        Schema(.integer(range))
    }

    public static var number: Schema { Schema(.number) }
    public static var boolean: Schema { Schema(.boolean) }
    /// A moment as RFC 3339 writes it.
    public static var time: Schema { Schema(.text(length: 0...64, format: "date-time", pattern: nil)) }
    /// Any JSON value.
    public static var anything: Schema { Schema(.anything) }

    public static func list(of element: Schema, _ count: ClosedRange<Int> = 0...1_000_000) -> Schema {
        Schema(.list(element, count: count))
    }

    /// An object as it is answered: members beside these may come.
    public static func object(_ properties: [Property]) -> Schema { Schema(.object(properties, isClosed: false)) }

    /// An object as it is taken: members beside these are refused, so that a misspelt one is noticed.
    public static func input(_ properties: [Property]) -> Schema { Schema(.object(properties, isClosed: true)) }

    /// An object whose members' names are free.
    public static func map(of value: Schema) -> Schema { Schema(.map(value)) }

    /// The schema under a name of its own in the document, to be referred to. One name has one meaning.
    public func named(_ name: String) -> Schema { Schema(.named(name, self)) }

    /// The value or `null`.
    public var orNull: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The schema with a sentence on what the value means.
    public func saying(_ words: String) -> Schema {
        var schema = self
        schema.words = words
        return schema
    }

    public func example(_ value: JSONValue) -> Schema {
        var schema = self
        schema.example = value
        return schema
    }

    /// A member of an object.
    public struct Property: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        public static func required(_ name: String, _ schema: Schema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        /// A member that may be missing.
        public static func optional(_ name: String, _ schema: Schema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }
}
