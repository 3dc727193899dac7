package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.RunId;

/** Where the book stands in the store. */
final class Keys {
  static final String ALL = "/mw/jobs/";
  static final String HEADER = ALL + "book";
  static final String SPEC = ALL + "spec/";
  static final String GRANT = ALL + "grant/";
  static final String RUN = ALL + "run/";
  static final String MEMBER = ALL + "member/";
  static final String APPLIED = ALL + "applied/";
  static final String JOURNAL = ALL + "journal/";

  static final String FLOOR = ALL + "floor/";

  private Keys() {}

  static String spec(RunId id) {
    return SPEC + path(id);
  }

  static String grant(RunId id) {
    return GRANT + path(id);
  }

  static String run(RunId id) {
    return RUN + path(id);
  }

  static String member(RunId id, String node) {
    return MEMBER + path(id) + "/" + node;
  }

  static String applied(String node) {
    return APPLIED + node;
  }

  static String floor(String job) {
    return FLOOR + job;
  }

  static String journal(String node, String journal) {
    return JOURNAL + node + "/" + journal;
  }

  private static String path(RunId id) {
    return id.job() + "/" + id.run();
  }

  /** The run of a key that {@link #run} made. */
  static RunId id(String key) {
    String[] path = key.substring(RUN.length()).split("/", -1);
    return new RunId(path[0], Integer.parseInt(path[1]));
  }
}
