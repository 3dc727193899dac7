package io.millwright.dashboards.promql;

/** Names of the scrape jobs; {@code prometheus.yml} has the same. */
public final class Scrapes {
  /** Each node's page, behind the collector's port. */
  public static final String NODES = "millwright";

  /** The collector's own page. */
  public static final String COLLECTOR = "millwright-collector";

  /** The collector's page of jobs, which wants a token. */
  public static final String JOBS = "millwright-jobs";

  /** The agents' own pages, of which only what they tell of themselves is kept. */
  public static final String AGENTS = "millwright-agent";

  private Scrapes() {}
}
