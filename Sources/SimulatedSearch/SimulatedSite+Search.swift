public import SimulatedSite

extension SimulatedSite {
    /// Runs a search as `caller` against the search index.
    ///
    /// - Throws: ``JQLError`` with Jira's own messages.
    public func search(_ jql: String, as caller: Caller) throws(JQLError) -> JQLResult {
        try search(JQLQuery(parsing: jql, allowsBareWords: configuration.flavour.isCloud), as: caller, in: indexed())
    }

    /// Runs a parsed search against one picture of the site, so that pages of one listing can agree.
    public func search(_ query: JQLQuery, as caller: Caller, in state: SiteState) throws(JQLError) -> JQLResult {
        let visible = visibleIssues(to: caller, in: state)
        return try JQLSearch(state: state, caller: caller, now: clock.now(), visible: visible).run(query)
    }
}
