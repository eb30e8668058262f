internal import AccessControl
public import FastJSON
internal import IssueModel
public import Store

/// A source as lists show it; never its credential.
public struct SourceReport: Sendable {
    public let source: Source

    public init(_ source: Source) {
        self.source = source
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", source.name)
            json.member("url", source.url)
            json.member("product", source.product.rawValue)
            json.member("version", source.version)
            json.member("accessMode", source.accessMode.rawValue)
            json.member("state", source.state.rawValue)
            json.member("account", source.principal?.rawValue)
            json.key("projects")
            json.array { json in source.scope.projects.forEach { json.string($0) } }
            json.member("jql", source.scope.jql)
            json.key("problem")
            if let problem = source.problem {
                json.object { json in
                    json.member("code", problem.code)
                    json.member("message", problem.message)
                    json.member("at", problem.at.rfc3339)
                }
            } else {
                json.null()
            }
        }
    }
}
