import FastJSON
import HTTPMessages
import SignIn
import Testing
import WebFrame
import WebServer
import Workspace

/// What every answer has, whatever was asked.
@Suite("The frame") struct OperationServerTests {
    /// What handlers of these tests need.
    struct Nothing: Sendable {}

    struct Unexplained: Error {}

    static let operations: [Operation<Nothing>] = [
        Operation(
            .get, "/things/{thing}", id: "things.get", summary: "A thing", rule: .anyone,
            parameters: [
                .path("thing", "its name", .text(1...5)), .query("count", .integer(1...3), "how many"),
                .query("tag", .list(of: .text(1...3), 0...9), "tags"), .query("loud", .boolean, "loudly"),
            ], answers: [200: .json("It", .anything)]
        ) { call in
            guard call.path("thing") != "none" else { throw Problem.notFound() }
            guard call.path("thing") != "bad" else { throw Unexplained() }
            return .json { json in
                json.member("thing", call.path("thing"))
                json.member("count", call.integer("count"))
                json.member("loud", call.flag("loud"))
                json.member("tags", call.texts("tag").joined(separator: "+"))
                json.member("padding", String(repeating: "x", count: call.path("thing") == "big" ? 5_000 : 0))
            }
        },
        Operation(
            .post, "/things", id: "things.add", summary: "Adds one", rule: .anyone,
            body: .json(.input([.required("name", .text(1...9))])), answers: [201: .json("It", .anything)]
        ) { call in .created("/things/\(call.body["name"]?.string ?? "")", call.body.serialized()) },
        Operation(.get, "/secret", id: "things.secret", summary: "For members", rule: .member(.read), answers: [:]) {
            _ in
            .nothing
        },
    ]

    static func ask(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], body: String = "",
        origins: Set<String> = [], isSecure: Bool = false
    ) async throws -> WebResponse {
        var options = FrameOptions { .anonymous(remote: $0.remoteAddress) }
        options.origins = origins
        let server = OperationServer(operations, services: Nothing(), options: options)
        var request = WebRequest(
            HTTPRequest(method, target, headers: headers, body: Array(body.utf8)), remoteAddress: "192.0.2.1")
        request.isSecure = isSecure
        switch server.answer(request) ?? server.notFound(request) {
        case .now(let response): return response
        case .later(let job): return await job()
        }
    }

    static func json(_ response: WebResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.content else { return .null }
        return try JSONValue(parsing: bytes)
    }

    struct Case: CustomTestStringConvertible {
        let target: String
        let status: Int
        let code: String
        var method = HTTPMethod.get
        var body = ""
        var testDescription: String { "\(method.rawValue) \(target) \(body)" }
    }

    static let problems = [
        Case(target: "/nothing", status: 404, code: "not_found"),
        Case(target: "/things/none", status: 404, code: "not_found"),
        Case(target: "/things/toolong", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one?count=4", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one?count=x", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one?count=1&count=2", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one?loud=yes", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one?cuont=1", status: 400, code: "invalid_parameter"),
        Case(target: "/things/one%00", status: 400, code: "invalid_parameter"),
        Case(target: "/things/bad", status: 500, code: "internal"),
        Case(target: "/secret", status: 401, code: "not_signed_in"),
        Case(target: "/secret", status: 405, code: "method_not_allowed", method: .delete),
        Case(target: "/things", status: 400, code: "body_missing", method: .post),
        Case(target: "/things", status: 400, code: "invalid_json", method: .post, body: "{"),
        Case(
            target: "/things", status: 400, code: "invalid_json", method: .post, body: String(repeating: "[", count: 40)
        ),
        Case(target: "/things", status: 400, code: "invalid_body", method: .post, body: #"{"nam":"x"}"#),
    ]

    @Test("tells what cannot be done as a problem with a code", arguments: problems) func problem(_ one: Case)
        async throws
    {
        let response = try await Self.ask(one.method, one.target, ["Content-Type": "application/json"], body: one.body)
        #expect(response.status == one.status)
        #expect(response.headers["Content-Type"] == "application/problem+json")
        let problem = try Self.json(response)
        #expect(problem["code"]?.string == one.code && problem["status"]?.integer == one.status)
        #expect(problem["requestId"]?.string == response.headers["X-Request-Id"])
        #expect(response.headers["Cache-Control"] == "no-store")
    }

    @Test("gives handlers what was checked") func values() async throws {
        let response = try await Self.ask(.get, "/things/one?count=2&tag=a&tag=b&loud=true")
        let value = try Self.json(response)
        #expect(value["thing"]?.string == "one" && value["count"]?.integer == 2 && value["tags"]?.string == "a+b")
        #expect(value["loud"]?.bool == true)
    }

    @Test("refuses a body of another type") func mediaType() async throws {
        let response = try await Self.ask(.post, "/things", ["Content-Type": "text/plain"], body: #"{"name":"x"}"#)
        #expect(response.status == 415)
    }

    @Test("reads no body that would take much memory, whoever sends it") func bodySize() async throws {
        let list = "[" + String(repeating: "0,", count: 1 << 19) + "0]"
        let response = try await Self.ask(.post, "/things", ["Content-Type": "application/json"], body: list)
        #expect(response.status == 413)
        #expect(try Self.json(response)["code"]?.string == "body_too_large")
    }

    @Test("answers 304 where nothing changed, also where it was compressed before") func entityTags() async throws {
        let first = try await Self.ask(.get, "/things/one")
        let tag = try #require(first.headers["ETag"])
        for known in [tag, "\"other\", \(tag)", "*", String(tag.dropFirst(2))] {
            let again = try await Self.ask(.get, "/things/one", ["If-None-Match": known])
            #expect(again.status == 304 && again.headers["ETag"] == tag)
        }
        let other = try await Self.ask(.get, "/things/two", ["If-None-Match": tag])
        #expect(other.status == 200)
    }

    @Test("compresses what is worth it, for who takes it", arguments: ["gzip", "br, gzip;q=0.5", "deflate, gzip"])
    func compression(_ accepted: String) async throws {
        let plain = try await Self.ask(.get, "/things/big")
        let small = try await Self.ask(.get, "/things/big", ["Accept-Encoding": accepted])
        #expect(plain.headers["Content-Encoding"] == nil && small.headers["Content-Encoding"] == "gzip")
        guard case .bytes(let long) = plain.content, case .bytes(let short) = small.content else { return }
        #expect(short.count < long.count / 10 && short.starts(with: [0x1F, 0x8B]))
        #expect(plain.headers["ETag"] == small.headers["ETag"])
        for refused in ["identity", "gzip;q=0", ""] {
            let response = try await Self.ask(.get, "/things/big", ["Accept-Encoding": refused])
            #expect(response.headers["Content-Encoding"] == nil)
        }
    }

    @Test("sends the headers that keep browsers from mischief") func securityHeaders() async throws {
        for target in ["/things/one", "/nothing", "/secret"] {
            let response = try await Self.ask(.get, target, isSecure: true)
            #expect(response.headers["X-Content-Type-Options"] == "nosniff")
            #expect(response.headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
            #expect(response.headers["Strict-Transport-Security"] != nil)
            #expect(response.headers["Referrer-Policy"] == "no-referrer")
        }
        let plain = try await Self.ask(.get, "/things/one")
        #expect(plain.headers["Strict-Transport-Security"] == nil)
    }

    @Test("lets other origins in only where that is configured, and never with cookies") func origins() async throws {
        let headers: HTTPHeaders = ["Origin": "https://tools.example", "Access-Control-Request-Method": "POST"]
        let closed = try await Self.ask(.options, "/things", headers)
        #expect(closed.headers["Access-Control-Allow-Origin"] == nil)
        let open = try await Self.ask(.options, "/things", headers, origins: ["https://tools.example"])
        #expect(open.status == 204 && open.headers["Access-Control-Allow-Origin"] == "https://tools.example")
        let answer = try await Self.ask(
            .get, "/things/one", ["Origin": "https://evil.example"], origins: ["https://tools.example"])
        #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
        #expect(open.headers["Access-Control-Allow-Credentials"] == nil)
    }

    @Test(
        "keeps a proxy's name for a request only where it can do no harm",
        arguments: [
            ("abc-123-def", true), ("short", false), ("evil\u{7}name", false), ("a b c d e f", false),
        ])
    func requestIDs(_ id: String, _ isKept: Bool) async throws {
        let response = try await Self.ask(.get, "/things/one", ["X-Request-Id": id])
        #expect((response.headers["X-Request-Id"] == id) == isKept)
    }

    @Test("has a cursor that belongs to one list") func cursors() throws {
        let cursor = ListCursor.encode(["at", 5], of: "members")
        let place = try ListCursor.decode(cursor, of: "members")
        #expect(place == ["at", 5])
        #expect(throws: Problem.self) { try ListCursor.decode(cursor, of: "tokens") }
        #expect(throws: Problem.self) { try ListCursor.decode("nonsense", of: "members") }
        let none = try ListCursor.decode(nil, of: "members")
        #expect(none == nil)
    }
}
