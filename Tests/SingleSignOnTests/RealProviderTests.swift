import Cryptography
import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import SingleSignOn
import Testing

/// django-oauth-toolkit, which knows nothing of this project, signs people in over sockets.
@Suite("A real provider", .enabled(if: RealProvider.isPresent, "needs the Python environment of scripts/bootstrap"))
struct RealProviderTests {
    static let redirect = "http://127.0.0.1:9/sign-in/sso/callback"

    @Test("signs a person in, tells addresses and groups, rotates its keys and ends the session")
    func wholeLife() async throws {
        let provider = try await RealProvider.start(redirect: Self.redirect)
        defer { provider.stop() }
        let signOn = try provider.signOn(redirect: Self.redirect)
        let person = try await provider.visit(signOn)
        #expect(person.email == "ada@example.com")
        #expect(person.name == "Ada Lovelace")
        #expect(person.groups == ["staff"])
        #expect(person.returnTo == "/board")

        try await provider.open("/test/person?verified=false&groups=a,b&place=userinfo")
        let other = try await provider.visit(signOn)
        #expect(other.email == nil)
        #expect(other.hasUnverifiedEmail)
        #expect(other.groups == ["a", "b"])
        #expect(other.subject == person.subject)

        try await provider.open("/test/rotate")
        let later = try provider.signOn(redirect: Self.redirect, clockAhead: 31)
        let last = try await provider.visit(later)

        let end = try #require(try await signOn.endSessionURL(hint: last.identityToken, returnTo: Self.redirect))
        let answer = try await CurlTransport().send(HTTPRequest(.get, end))
        #expect(answer.status == 200, "\(String(decoding: answer.body.prefix(600), as: UTF8.self))")
    }

    @Test("refuses another secret and a code that was used")
    func refusals() async throws {
        let provider = try await RealProvider.start(redirect: Self.redirect)
        defer { provider.stop() }
        let wrong = try provider.signOn(redirect: Self.redirect, secret: "wrong")
        #expect(await SignInTests.code { try await provider.visit(wrong) } == .exchangeRefused)
        let signOn = try provider.signOn(redirect: Self.redirect)
        let (begun, answer) = try await provider.authorize(signOn)
        _ = try await signOn.finish(answer, ticket: begun.ticket)
        let again = await SignInTests.code { try await signOn.finish(answer, ticket: begun.ticket) }
        #expect(again == .exchangeRefused)
    }
}

/// The provider as a process.
final class RealProvider: @unchecked Sendable {
    // Sound: nothing is changed after the start.
    private let process: Process
    private let input: Pipe
    private let facts: JSONValue
    private let key: SecretKey

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let interpreter: String = {
        ProcessInfo.processInfo.environment["DRAWBRIDGE_PYTHON"]
            ?? root.appendingPathComponent(".build/python/bin/python3").path
    }()

    static let isPresent: Bool = {
        let found = FileManager.default.isExecutableFile(atPath: interpreter)
        if !found { print("skipping: no Python at \(interpreter); run scripts/bootstrap") }
        return found || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"
    }()

    static func start(redirect: String) async throws -> RealProvider {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try RealProvider(redirect) }) }
        }
    }

    private init(_ redirect: String) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.interpreter)
        process.arguments = [Self.root.appendingPathComponent("scripts/python/openid_provider.py").path, redirect]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { line.append(byte) }
        facts = try JSONValue(parsing: line)
        key = try SecretKey()
    }

    var issuer: String { facts["issuer"]?.string ?? "" }

    /// The process ends when its input does.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func signOn(redirect: String, secret: String? = nil, clockAhead: Int64 = 0) throws -> SingleSignOn {
        try SingleSignOn(
            SingleSignOnSettings(
                issuer: issuer, clientID: facts["clientID"]?.string ?? "",
                clientSecret: secret ?? facts["clientSecret"]?.string, redirectURI: redirect, groupClaim: "groups"),
            transport: CurlTransport(), key: key, clock: { Int64(Date().timeIntervalSince1970) + clockAhead })
    }

    func open(_ path: String) async throws {
        let answer = try await CurlTransport().send(HTTPRequest(.get, issuer.dropLast(2) + path))
        #expect(answer.status == 200)
    }

    /// What the browser brings back.
    func authorize(_ signOn: SingleSignOn) async throws -> (SingleSignOn.Begun, SingleSignOn.Answer) {
        let begun = try await signOn.begin(returnTo: "/board")
        let answer = try await CurlTransport().send(HTTPRequest(.get, begun.url))
        #expect(answer.status == 302)
        let location = answer.headers["Location"] ?? ""
        #expect(location.hasPrefix(RealProviderTests.redirect + "?"))
        let query = Browser.query(location).map { (name: $0.key, value: $0.value) }
        return (begun, SingleSignOn.Answer(query: query))
    }

    func visit(_ signOn: SingleSignOn) async throws -> ProvenIdentity {
        let (begun, answer) = try await authorize(signOn)
        return try await signOn.finish(answer, ticket: begun.ticket)
    }
}
