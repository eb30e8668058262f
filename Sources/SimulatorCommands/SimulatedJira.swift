public import Console
internal import Foundation
internal import HTTPClient
internal import JiraOAuth
public import JiraSimulator
internal import SimulatedData
internal import SimulatedOAuth
internal import SimulatedSite
internal import SimulatedWebhooks

extension Command {
    /// Serves a simulated Jira until it is stopped.
    public static let jiraSimulator = Command(
        words: ["jira-simulator"], summary: "Serve a simulated Jira on this machine, until Ctrl-C",
        options: [
            .value("--mode", "MODE", "cloud (the default) or dc"),
            .value("--port", "N", "the port; without it a free one, printed at the start"),
            .value("--issues", "N", "how many issues; 2,000 without it"),
            .value("--seed", "N", "the same seed makes the same site; 1 without it"),
            .value(
                "--corpus", "FILE",
                "take texts from this file: JSON Lines, also compressed, with key, project, summary, description"),
            .value("--context-path", "P", "serve it below this path, as /jira"),
            .value("--latency", "MS", "answer no sooner than so many milliseconds"),
            .value(
                "--webhook", "URL", "tell this address of every change, signed with the secret printed at the start"),
            .value("--oauth-callback", "URL", "where its simulated sign-in sends browsers back to", repeatable: true),
            .flag("--prerender", "render every answer before the first request, for benchmarks"),
        ],
        example: "drawbridge jira-simulator --mode dc --port 8090 --context-path /jira"
    ) { invocation in
        let server = try SimulatedJira.server(invocation)
        try server.start()
        server.oauth.register(SimulatedJira.app(invocation))
        if invocation.has("--prerender"), let administrator = server.credentials.administrator {
            await server.prerender(for: .user(administrator.index))
        }
        Terminal.print(SimulatedJira.introduction(of: server))
        if let url = invocation.value("--webhook") {
            server.webhooks.register(url: url, secret: SimulatedJira.secret)
            Terminal.print("Webhooks go to \(url), signed with \(SimulatedJira.secret)")
        }
        await server.webhooks.run(through: CurlTransport())
        await server.stop()
        return .done
    }
}

/// The simulated site that command lines describe.
public enum SimulatedJira {
    /// Signs the webhooks of `--webhook`; nothing here is secret.
    static let secret = "secret-of-the-simulated-site"

    /// The OAuth app that is registered with the simulated sign-in.
    static func app(_ invocation: Invocation) -> OAuthCenter.App {
        let given = invocation.all("--oauth-callback")
        return OAuthCenter.App(
            clientID: "drawbridge", clientSecret: secret,
            callbacks: given.isEmpty ? ["http://127.0.0.1:8080\(CallbackCheck.path)"] : given,
            scopes: Set(OAuthPurpose.allCases.flatMap(\.classicScopes) + [OAuthPurpose.renewal]))
    }

    enum Mode: String, CaseIterable { case cloud, dc }

    /// The site that the options of a command line ask for, on a port.
    public static func server(_ invocation: Invocation) throws -> SimulatorServer {
        let mode = try invocation.choice("--mode", Mode.self) ?? .cloud
        var configuration = SimulatorConfiguration()
        configuration.port = try invocation.number("--port", in: 1...65_535) ?? 0
        configuration.contextPath = invocation.value("--context-path") ?? ""
        configuration.latency = .milliseconds(try invocation.number("--latency", in: 0...60_000) ?? 0)
        let site = SiteConfiguration(
            flavour: mode == .cloud ? .cloud : .dataCenter,
            seed: UInt64(try invocation.number("--seed", in: 0...Int.max) ?? 1),
            issueCount: try invocation.number("--issues", in: 1...1_000_000) ?? 2_000,
            corpus: try invocation.value("--corpus").map(corpus))
        return SimulatorServer(site: SimulatedSite(site, clock: .system), configuration: configuration)
    }

    private static func corpus(_ path: String) throws -> [CorpusIssue] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("--corpus: cannot read '\(path)'")
        }
        return try CorpusIssue.load(file: Array(data))
    }

    /// What a person needs to use the site: addresses and who may sign in how.
    public static func introduction(of server: SimulatorServer) -> String {
        var lines = ["A simulated Jira at \(server.url)"]
        let site = server.site
        if site.configuration.flavour.isCloud {
            lines.append("Its API gateway and OAuth sign-in, for tokens with scopes and apps: \(server.gatewayHost)")
            lines.append("  OAuth app  client id drawbridge  secret \(secret)")
        }
        for person in [site.tour.administrator, site.tour.developer] {
            for credential in server.credentials.all(of: person) {
                let user = credential.user.isEmpty ? "" : "  \(credential.user)"
                lines.append("  \(credential.displayName)  \(credential.kind.rawValue)\(user)  \(credential.secret)")
            }
        }
        return lines.joined(separator: "\n")
    }
}
