import FastJSON
import Testing
import WebFrame

@Suite("Schemas") struct SchemaCheckTests {
    struct Case: CustomTestStringConvertible {
        let schema: Schema
        let json: String
        let violations: [String]
        var testDescription: String { json }

        init(_ schema: Schema, _ json: String, _ violations: [String] = []) {
            (self.schema, self.json, self.violations) = (schema, json, violations)
        }
    }

    static let person = Schema.input([
        .required("name", .text(1...10)), .optional("age", .integer(0...150)),
        .optional("tags", .list(of: .text(1...3))),
        .optional("role", .choice(["owner", "member"]).orNull),
    ])

    static let cases = [
        Case(person, #"{"name":"Ada"}"#),
        Case(person, #"{"name":"Ada","role":null,"tags":["a"]}"#),
        Case(person, #"{}"#, ["/name"]),
        Case(person, #"[]"#, [""]),
        Case(person, #"{"name":"Ada","ag":3}"#, ["/ag"]),
        Case(person, #"{"name":"Ada","a/g~":3}"#, ["/a~1g~0"]),
        Case(person, #"{"name":"Ada","name":"Bo"}"#, [""]),
        Case(person, #"{"name":"","age":151,"tags":["long"],"role":"king"}"#, ["/name", "/age", "/tags/0", "/role"]),
        Case(person, #"{"name":"A\u0000"}"#, ["/name"]),
        Case(person, #"{"name":"Ada","age":1.5}"#, ["/age"]),
        Case(.map(of: .boolean), #"{"a":true,"b":1}"#, ["/b"]),
        Case(.list(of: .anything, 0...2), "[1,2,3]", [""]),
    ]

    @Test("tell where a value is not as documented", arguments: cases) func violations(_ one: Case) throws {
        let value = try JSONValue(parsing: one.json)
        #expect(one.schema.violations(of: value).map(\.pointer) == one.violations)
    }

    @Test("tell of a few violations only") func violationsAreBounded() throws {
        let many = JSONValue.array(Array(repeating: 1, count: 1_000))
        #expect(Schema.list(of: .text()).violations(of: many).count == 20)
    }
}
