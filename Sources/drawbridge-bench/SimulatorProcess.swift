import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import JiraClient
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SimulatedWebhooks

/// A simulated site in a process of its own: this program, started again.
///
/// `@unchecked Sendable` is sound: the process is set up in `init`, and its owner alone ends it.
final class SimulatorProcess: @unchecked Sendable {
    let url: String
    let user: String
    let secret: String
    private let process = Process()

    /// - Parameter isLive: Whether the site's time goes on; else it stands where the site was made.
    init(
        _ arguments: BenchArguments, issues: Int, latency: Int, isDataCenter: Bool, isCompany: Bool = false,
        isLive: Bool = false, isPrerendered: Bool = true
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "simulate", "--issues", "\(issues)", "--latency", "\(latency)", "--mode", isDataCenter ? "dc" : "cloud",
            "--shared", arguments.shared, "--rules", isCompany ? "company" : "plain",
            "--clock", isLive ? "live" : "still", "--prerender", isPrerendered ? "yes" : "no",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.executableLoad) }
            line += String(decoding: data, as: UTF8.self)
        }
        let words = line.dropLast().split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3 else { throw CocoaError(.executableLoad) }
        (url, user, secret) = (words[0], words[1], words[2])
    }

    /// Requests for issues, their parts and lists of them; those for the site's configuration are not counted.
    func issueRequests(_ transport: any HTTPTransport) async throws -> Int {
        let names = ["/search/jql", "/rest/api/2/search", "bulkfetch", "/comment", "/worklog"]
        return try await requests(transport).filter { route in names.contains { route.key.contains($0) } }
            .reduce(0) { $0 + $1.value }
    }

    /// A client of the site, signed in.
    func client(_ transport: CurlTransport) async throws -> JiraClient {
        let credential = Credential.apiToken(email: user, token: secret)
        let identity = try await SiteProbe(transport: transport).identify(SiteAddress(url), credential)
        return JiraClient(identity, credential, transport: transport)
    }

    /// Makes a change on the site; see the simulator's control door.
    func change(_ members: [String: String], _ transport: any HTTPTransport) async throws {
        var json = JSONWriter()
        json.object { json in for (name, value) in members.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
        }
        let answer = try await transport.send(HTTPRequest(.post, url + "/__simulator/changes", body: json.bytes))
        guard answer.status == 200 else { throw BenchFailure("The simulated site refused a change: \(answer.status)") }
    }

    /// Every request so far, by method and route.
    func requests(_ transport: any HTTPTransport) async throws -> [String: Int] {
        let answer = try await transport.send(HTTPRequest(.get, url + "/__simulator/requests"))
        guard case .object(let routes)? = try JSONValue(parsing: answer.body)["byRoute"] else { return [:] }
        return Dictionary(routes.map { ($0.key, $0.value.integer ?? 0) }) { $0 + $1 }
    }

    var processID: Int32 { process.processIdentifier }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// A site with the access rules of a large company.
    static func company(_ issues: Int) -> AccessScale {
        var scale = AccessScale()
        scale.issues = issues
        return scale
    }

    /// What the started process does: serves the site until it is ended.
    static func serve(_ arguments: BenchArguments) async throws {
        let isDataCenter = arguments.options["mode"] == "dc"
        let issues = arguments.number("issues", default: 20_000)
        let corpus = try FileManager.default.contents(atPath: arguments.shared + "/data/corpus/issues.jsonl.gz")
            .map { try CorpusIssue.load(file: Array($0)) }
        let flavour = isDataCenter ? SiteFlavour.dataCenter : .cloud
        let site =
            arguments.options["rules"] == "company"
            ? SimulatedSite(.access(seed: 1, flavour: flavour, scale: Self.company(issues)), clock: .system)
            : SimulatedSite(
                SiteConfiguration(
                    flavour: flavour, issueCount: issues,
                    // Real texts, where there are enough for every issue to have its own.
                    corpus: corpus.flatMap { $0.count >= issues ? $0 : nil }),
                clock: arguments.options["clock"] == "live" ? .system : nil)
        var configuration = SimulatorConfiguration()
        configuration.latency = .milliseconds(arguments.number("latency", default: 0))
        // Jira's own time until it sends a delivery is not ours to measure.
        configuration.deliveryPlan.delay = 0...0
        let server = SimulatorServer(site: site, configuration: configuration)
        try server.start()
        guard let person = server.credentials.administrator, let first = server.credentials.all(of: person).first
        else { return }
        if arguments.options["prerender"] != "no" { await server.prerender(for: .user(person.index)) }
        FileHandle.standardOutput.write(Data("\(server.url)\t\(first.user)\t\(first.secret)\n".utf8))
        await server.webhooks.run(through: CurlTransport())
    }
}
