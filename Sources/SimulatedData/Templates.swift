/// The sentences simulated texts are made of.
enum Templates {
    private static func templates(_ text: String) -> [Template] {
        text.split(separator: "\n").map { Template(String($0)) }
    }

    static let bugSummaries = templates(
        """
        <className> throws <exception> when the <adjective> <noun> is <participle>
        <adjective> <noun> is not <participle> after upgrade to <version>
        Cannot <verb> <noun> with <adjective> <noun> in <environment>
        <codename>: <noun> <noun> leaks memory under load
        <errorCode> on every <adjective> <noun> since <version>
        <noun> shows <adjective> <noun> in <browser>
        Race between <className> and <className> loses a <noun>
        <area>: <noun> count is wrong when the <noun> is <adjective>
        Timeout after <number> s while the <noun> is being <participle>
        <browser> hangs on <adjective> <noun> <noun>
        Regression: <noun> no longer <participle> by <className>
        <codename> <noun> returns HTTP 500 for <adjective> <noun>
        """)
    static let taskSummaries = templates(
        """
        Let <codename> <verb> the <adjective> <noun>
        Add <adjective> <noun> to the <noun> <noun>
        Document how to <verb> and <verb> a <noun>
        Replace <className> with <className>
        Move the <noun> <noun> out of <codename>
        Upgrade <codename> to <version>
        <area>: <verb> <noun> without <adjective> <noun>
        As an administrator I can <verb> the <noun> of a <adjective> <noun>
        Measure how long the <noun> takes to <verb>
        Reduce <noun> size for <adjective> <noun> in <environment>
        Clean up <adjective> <noun> handling in <className>
        Support <adjective> <noun> in <browser>
        """)
    static let statements = templates(
        """
        The <codename> <noun> fails with <exception> when a <adjective> <noun> is <participle>.
        We saw <errorCode> about <number> times in <environment> yesterday.
        After the upgrade to <version> the <noun> is no longer <participle>.
        It happens only when the <noun> is <adjective> and the <noun> was <participle> before.
        Expected: the <noun> is <participle> within <number> ms and the <noun> stays unchanged.
        Actual: the <noun> stays <adjective> and <className> logs <errorCode>.
        <className> keeps a <adjective> <noun> for every <noun>, so the <noun> grows without limit.
        The same <noun> works in <browser> but not in <browser>.
        Support reported <number> affected customers, most of them using <codename>.
        The <noun> was introduced with <codename> <version> and never <participle>.
        A <adjective> <noun> reaches <className> although <className> should <verb> it first.
        We need to <verb> the <noun> before the <noun> is <participle>.
        The <area> team agreed to <verb> every <adjective> <noun> in <environment>.
        There is no way to <verb> a <noun> once its <noun> is <adjective>.
        Throughput drops from <number> to <number> per second while <className> is busy.
        See /var/log/<area>/<noun>.log around <clock> on host <area>-<number>.
        The configuration key <area>.<noun>.<noun> is ignored when <codename> starts.
        Please <verb> the <noun> for <adjective> tenants as well.
        The <noun> should <verb> <adjective> input instead of failing silently.
        Users with a <adjective> <noun> see an empty <noun> in <browser>.
        Rolling back to <version> helps, so the change to <className> is the likely cause.
        The <noun> <noun> must survive a restart of <codename>.
        As soon as two <noun> workers <verb> the same <noun>, one of them wins and the other loses data.
        Accessibility: the <noun> has no label and cannot be reached by keyboard in <browser>.
        """)
    static let remarks = templates(
        """
        I can reproduce this on <version> in <environment>.
        Fixed in commit <hash>, will be part of <version>.
        <person> and I looked at <className> today, the <noun> is never <participle>.
        Could you attach the <noun> log from <environment>?
        This looks like a duplicate of the <codename> problem from last month.
        I raised the limit to <number> and the <noun> recovered.
        Not reproducible with <browser>, closing unless somebody sees it again.
        The pull request adds a test for the <adjective> <noun>.
        Thanks, the workaround with the <adjective> <noun> helps for now.
        We decided in planning to <verb> the <noun> first and <verb> the rest later.
        <errorCode> comes from <className>, line <line>.
        Deployed to <environment>, please verify.
        Customer confirmed that the <noun> is <participle> again.
        Let us split this: <codename> needs its own ticket.
        The root cause is a <adjective> <noun> in <codename>.
        QA found one more case: <adjective> <noun> with <adjective> <noun>.
        Blocked until the <area> team has <participle> the <noun>.
        I would rather <verb> it in <className> than in every caller.
        """)
    static let steps = templates(
        """
        Open the <noun> page in <browser>
        Create a <adjective> <noun> with <number> entries
        Click <verb> and wait for the <noun>
        Set <area>.<noun> to <number> and restart <codename>
        Log in as a user with a <adjective> <noun>
        Send the <noun> twice within <number> ms
        Look at the <noun> column of the <noun> table
        Observe <errorCode> in the log
        """)
    static let worklogNotes = templates(
        """
        Investigated the <noun> in <environment>
        Reviewed the change to <className>
        Wrote tests for the <adjective> <noun>
        Paired with <person> on <codename>
        Traced <errorCode> through <className>
        Prepared release <version>
        """)
    static let logLines = templates(
        """
        <clock> INFO  [<area>] <className> <participle> <noun> in <number> ms
        <clock> WARN  [<area>] <adjective> <noun> for tenant <codename>, retrying
        <clock> ERROR [<area>] <errorCode> <exception> in <className>:<line>
        <clock> DEBUG [<area>] <noun>=<hash> <noun>=<number>
        """)
    static let phrases = templates(
        """
        <verb> the <adjective> <noun>
        <adjective> <noun> for <codename>
        everything about the <noun> and its <noun>
        finish the <codename> <noun>
        """)
    static let traceHead = Template("com.acme.<area>.<exception>: <errorCode> <adjective> <noun>\n")
    static let traceFrame = Template("\tat com.acme.<area>.<className>.<verb>(<className>.java:<line>)\n")
}
