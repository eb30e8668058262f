internal import SignIn
public import WebFrame
internal import WebServer

public typealias Operation = WebFrame.Operation<Services>
public typealias Call = WebFrame.Call<Services>

/// Version 1 of the API: its table of operations, and the surface that answers by it.
public enum API {
    /// Every operation, group by group. A new group is a file of its own and a line here.
    public static let operations: [Operation] = [
        InstallationOperations.all, SearchOperations.all, IssueOperations.all, SourceOperations.all,
        ScheduleOperations.all, UpkeepOperations.all, StatusOperations.all, AccessOperations.all,
        IdentityOperations.all, FeedOperations.all, SubscriptionOperations.all, SessionOperations.all,
        SingleSignOnOperations.all,
        AccountOperations.all, TokenOperations.all, MemberOperations.all, AuditOperations.all, OAuthOperations.all,
        SettingsOperations.all,
    ].flatMap { $0 }

    /// What is answered below `/api`.
    public static func server(
        _ services: Services, configure: (inout FrameOptions) -> Void = { _ in }
    ) -> OperationServer<Services> {
        let authenticator = services.authenticator
        var options = FrameOptions { request in
            try await authenticator.caller(of: request.message, remote: request.remoteAddress)
        }
        options.explain = { Problem(explaining: $0) }
        options.store = services.store
        options.log = services.log
        options.metrics = services.metrics
        options.now = { services.now }
        options.origins = services.origins
        configure(&options)
        return OperationServer(
            operations + documentation(version: services.version), services: services, options: options)
    }

    static func documentation(version: String) -> [Operation] {
        Operation.documentation(
            of: operations, title: "Drawbridge API", version: version.isEmpty ? "1" : version,
            description: """
                Every answer holds only what the caller may see in Jira; what they may not see is answered as what does not exist. \
                Problems are application/problem+json with a stable code. Lists are paged by opaque cursors.
                """)
    }
}
