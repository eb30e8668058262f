import Configuration
import Console
import Store

extension Command {
    static let serve = Command(
        words: ["serve"],
        summary: "Keep every source in step, answer the API, and listen for webhooks, until stopped",
        options: [
            .value("--host", "H", "the address to listen on; 127.0.0.1 without it"),
            .value("--port", "N", "the port; 8080 without it, 0 for a free one"),
            .value(
                "--public-url", "U", "where people and Jira reach this server: webhooks are then set up by themselves"),
            .value("--certificate", "FILE", "serve HTTPS with this PEM certificate chain"),
            .value("--certificate-key", "FILE", "the certificate's private key"),
            .value("--trusted-proxies", "LIST", "addresses of proxies in front, whose X-Forwarded-For is believed"),
        ],
        discussion: """
            While it runs it alone writes to the data folder; 'sync', 'source pause' and other commands go through it and print
            the result as if they had run alone. SIGTERM and Ctrl-C stop it in good order; SIGHUP has it read the certificate again. The first start
            prints a link by which the first owner comes in. /api tells of the API, /healthz and /readyz whether it works, /metrics (from this machine only)
            what it measures.
            """,
        example: "drawbridge serve --port 8080 --public-url https://drawbridge.example.com"
    ) { invocation in
        try await Session.with(invocation, for: .writing, role: "serve") { session in
            let settings = try await invocation.settings(in: session.store)
            let server = try await Server(session, settings, invocation)
            _ = try await Signals.untilStopped { try await server.run() }
            ServiceManager.tell("STOPPING=1", invocation.environment)
            try await server.retire()
            return .done
        }
    }
}
