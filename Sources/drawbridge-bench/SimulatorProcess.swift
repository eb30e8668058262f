import FastJSON
import Foundation
import HTTPMessages
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedSite

/// A simulated site in a process of its own: this program, started again.
final class SimulatorProcess {
    let url: String
    let user: String
    let secret: String
    private let process = Process()

    init(_ arguments: BenchArguments, issues: Int, latency: Int, isDataCenter: Bool, isCompany: Bool = false) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "simulate", "--issues", "\(issues)", "--latency", "\(latency)", "--mode", isDataCenter ? "dc" : "cloud",
            "--shared", arguments.shared, "--rules", isCompany ? "company" : "plain",
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
        let answer = try await transport.send(HTTPRequest(.get, url + "/__simulator/requests"))
        guard case .object(let routes)? = try JSONValue(parsing: answer.body)["byRoute"] else { return 0 }
        let names = ["/search/jql", "/rest/api/2/search", "bulkfetch", "/comment", "/worklog"]
        return routes.filter { route in names.contains { route.key.contains($0) } }
            .reduce(0) { $0 + ($1.value.integer ?? 0) }
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
                    corpus: corpus.flatMap { $0.count >= issues ? $0 : nil }))
        var configuration = SimulatorConfiguration()
        configuration.latency = .milliseconds(arguments.number("latency", default: 0))
        let server = SimulatorServer(site: site, configuration: configuration)
        try server.start()
        guard let person = server.credentials.administrator, let first = server.credentials.all(of: person).first
        else { return }
        await server.prerender(for: .user(person.index))
        FileHandle.standardOutput.write(Data("\(server.url)\t\(first.user)\t\(first.secret)\n".utf8))
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
    }
}
