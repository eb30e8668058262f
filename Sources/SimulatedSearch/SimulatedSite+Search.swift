import SimulatedRules
public import SimulatedSite

extension SimulatedSite {
    /// Runs a search as `caller` against the search index.
    ///
    /// - Parameter validates: False passes over keys and ids in the query that the caller sees no issue of, as Data Center does
    ///   when it is told so.
    /// - Throws: ``JQLError`` with Jira's own messages.
    public func search(
        _ jql: String, as caller: Caller, validates: Bool = true
    ) throws(JQLError) -> JQLResult {
        let query = try JQLQuery(parsing: jql, allowsBareWords: configuration.flavour.isCloud)
        return try search(query, as: caller, in: indexed(), validates: validates)
    }

    /// Runs a parsed search against one picture of the site, so that pages of one listing can agree.
    public func search(
        _ query: JQLQuery, as caller: Caller, in state: SiteState, validates: Bool = true
    ) throws(JQLError) -> JQLResult {
        let visible = visibleIssues(to: caller, in: state)
        var search = JQLSearch(state: state, caller: caller, now: clock.now(), visible: visible)
        search.validates = validates
        return try search.run(query)
    }
}
