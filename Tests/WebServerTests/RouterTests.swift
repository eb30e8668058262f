import HTTPMessages
import Testing
import WebServer

@Suite("Router") struct RouterTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let method: HTTPMethod
        let target: String
        let status: Int
        let text: String

        init(_ method: HTTPMethod, _ target: String, _ status: Int, _ text: String) {
            (self.method, self.target, self.status, self.text) = (method, target, status, text)
        }

        var testDescription: String { "\(method.rawValue) \(target)" }
    }

    static let router: Router = {
        var router = Router()
        router.on(.get, "/issue/{id}") { .now(.text("issue " + $0.capture("id"))) }
        router.on(.post, "/issue/bulk") { _ in .now(.text("bulk")) }
        router.on(.get, "/issue/{id}/comment/{comment}") { .now(.text($0.capture("id") + "/" + $0.capture("comment"))) }
        router.on(.get, "/files/{path...}") { .now(.text("file " + $0.capture("path"))) }
        router.on(.get, "/") { _ in .now(.text("home")) }
        return router
    }()

    @Test(
        "a request finds its handler",
        arguments: [
            Case(.get, "/issue/PAY-1?fields=id", 200, "issue PAY-1"),
            Case(.get, "/issue/a%2Fb%20c", 200, "issue a/b c"),
            Case(.head, "/issue/PAY-1", 200, "issue PAY-1"),
            Case(.post, "/issue/bulk", 200, "bulk"),
            Case(.get, "/issue/bulk", 200, "issue bulk"),
            Case(.get, "/issue/1/comment/2/", 200, "1/2"),
            Case(.get, "/files/a/b/c.txt", 200, "file a/b/c.txt"),
            Case(.get, "/", 200, "home"),
            Case(.get, "/nothing", 404, "Not found.\n"),
            Case(.delete, "/issue/1", 405, "Method not allowed.\n"),
        ])
    func routes(_ example: Case) throws {
        let answer = Self.router.respond(to: WebRequest(HTTPRequest(example.method, example.target)))
        guard case .now(let response) = answer, case .bytes(let body) = response.content else {
            throw CancellationError()
        }
        #expect(response.status == example.status)
        #expect(String(decoding: body, as: UTF8.self) == example.text)
        if example.status == 405 { #expect(response.headers["Allow"] == "GET") }
    }

    @Test(
        "form values are decoded",
        arguments: [
            ("a=1&b=x%20y+z", "b", "x y z"), ("q=%E2%82%AC", "q", "€"), ("q=%zz%4", "q", "%zz%4"), ("q", "q", ""),
        ])
    func decodesForms(text: String, name: String, value: String) {
        #expect(FormValues(text)[name] == value)
    }

    @Test("every value of a repeated name is kept") func repeatedNames() {
        #expect(FormValues("id=1&id=2&x=3&id=").all("id") == ["1", "2", ""])
    }
}
