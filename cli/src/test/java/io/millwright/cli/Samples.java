package io.millwright.cli;

/** JSON as a collector sends it. */
final class Samples {
  private Samples() {}

  /**
   * A run.
   *
   * @param more further fields, beginning with a comma
   */
  static String job(String name, int run, String state, String more) {
    return """
    {"schema_version":1,"job":"%s","run":%d,"id":"%s-r%d","state":"%s","user":"anna",\
    "project":"llm","priority":50,"argv":["/bin/echo","hi"],"device_kind":"gpu",\
    "device_count":2,"node_count":1,"nodes":[],"devices":[],"submitted_ms":1763751000000,\
    "members":[]%s}\
    """
        .formatted(name, run, name, run, state, more);
  }

  static String ended(String outcome) {
    return job(
        "hello",
        1,
        "ended",
        ",\"outcome\":\"%s\",\"wall_ms\":1250,\"joules\":345.4".formatted(outcome));
  }

  /** One that runs on two nodes. */
  static String running() {
    return """
    {"schema_version":1,"job":"train","run":2,"id":"train-r2","state":"running","user":"anna",\
    "project":"llm","priority":50,"argv":["/opt/train.sh","--big"],"device_kind":"gpu",\
    "device_count":2,"node_count":2,"nodes":["node1","node2"],\
    "devices":["GPU-1","GPU-2","GPU-3","GPU-4"],"submitted_ms":1763751000000,\
    "started_ms":1763751001000,"members":[\
    {"node":"node1","state":"running","devices":["GPU-1","GPU-2"]},\
    {"node":"node2","state":"stuck","devices":["GPU-3","GPU-4"],"joules":12300.0,\
    "detail":"pid 7 waits in uvm_wait"}]}\
    """;
  }

  static String node(String name, String link) {
    return node(name, link, "ok", "");
  }

  /**
   * A node that is judged.
   *
   * @param evidence with commas between
   */
  static String node(String name, String link, String verdict, String evidence) {
    return """
    {"node":"%s","link":"%s","verdict":"%s","evidence":[%s],"last_seen_ms":1763751000000,\
    "clock_offset_ms":-3,"agent_version":"0.1.0","simulated":true,"accelerators":8,\
    "accelerators_up":7,"power_watts":5600.4}\
    """
        .formatted(name, link, verdict, evidence);
  }

  /**
   * A rule that holds.
   *
   * @param more further fields, beginning with a comma
   */
  static String evidence(String rule, String verdict, String more) {
    return """
    {"rule":"%s","version":2,"verdict":"%s","advice":"reset-device","scope":"device",\
    "observed":"3 errors","since_ms":1763751000000,"clears":"a reset of the device",\
    "observe_only":false%s}\
    """
        .formatted(rule, verdict, more);
  }

  /** A fleet with so many nodes of each verdict. */
  static String fleet(String verdict, int ok, int degraded, int failed, int unknown) {
    return """
    {"schema_version":1,"simulated":true,"verdict":"%s","nodes":%d,"nodes_connected":2,\
    "nodes_stale":0,"nodes_lost":1,"nodes_ok":%d,"nodes_degraded":%d,"nodes_failed":%d,\
    "nodes_unknown":%d,"accelerators":24,"accelerators_up":15,"accelerators_ok":14,\
    "accelerators_degraded":1,"accelerators_failed":1,"accelerators_unknown":8,\
    "power_watts":5600.4}\
    """
        .formatted(verdict, ok + degraded + failed + unknown, ok, degraded, failed, unknown);
  }

  static String accelerator(String node, String number, String more) {
    return """
    {"node":"%s","accelerator":"%s","uuid":"GPU-%s","vendor":"nvidia","model":"B200",\
    "simulated":true,"state":"up","verdict":"ok","evidence":[]%s}\
    """
        .formatted(node, number, number, more);
  }

  static String event(long sequence, long atMs, String message) {
    return """
    {"sequence":%d,"at_ms":%d,"kind":"node-connected","subject":"node1","message":"%s"}\
    """
        .formatted(sequence, atMs, message);
  }
}
