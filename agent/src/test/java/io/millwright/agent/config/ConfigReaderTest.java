package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.vocabulary.Periods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  static final String FULL =
      """
      # A comment.
      node:
        name: gpu-a.rack-3
        rack: "R3 / U17 ä"
        role: training
      mode: assist
      listen: "[::]:0"
      sampling: {fast: 500ms, medium: 1s, slow: 60s}
      metrics: {tier: extended, jobs: true}
      page:
        max_connections: 1024
        request_timeout: 1m
        idle_timeout: 10m
        dialects: [dcgm, dcgm49]
        dcgm_host_label: hostname
        dcgm49_names: /etc/millwright/dcgm49-names
      collector:
        address: collector.site:9462
        credentials: /etc/millwright/node
        spool_mebibytes: 256
      jobs: {policy: /srv/policy.yaml, directory: /data/jobs, units: systemd, address: 10.20.0.7}
      health: {kernel_log: "", directory: /data/health, rules: /data/rules.d, events_mebibytes: 64, events_days: 30}
      power: {owned: true, directory: /data/power, launcher: /run/other.sock}
      neuron:
        enabled: false
        root: /srv/neuron
        call_deadline: 200ms
        expected_accelerators: 16
        monitor: /opt/aws/neuron/bin/neuron-monitor
      nvidia:
        enabled: false
        library: /opt/nvidia/libnvidia-ml.so.1
        call_deadline: 100ms
        retry_at_most: 2m
        expected_accelerators: 8
        gpm: never
      evidence:
        directory: /data/evidence
        report_tool: /usr/bin/nvidia-bug-report.sh --safe-mode
        report_deadline: 30s
        tests: ["diag 10m /usr/bin/dcgmi diag -r 2"]
        neuron_ls: /opt/aws/neuron/bin/neuron-ls
      host:
        enabled: true
        filesystem_exclude_types: [tmpfs, 'squashfs']
        required_services: [slurmd, site-mount.service]
        required_modules: [nvidia-peermem]
        filesystem_exclude_mounts:
          - /mnt/scratch
          - "/mnt/a \\"b\\" \\\\c"
      """;

  @Test
  void readsEveryKey() {
    assertThat(Reads.config(Reads.file(FULL)))
        .isEqualTo(
            new AgentConfig(
                new AgentConfig.Node("gpu-a.rack-3", "R3 / U17 ä", "training"),
                "assist",
                new HostPort("::", 0),
                new Periods(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(60)),
                new AgentConfig.Metrics("extended", true),
                new AgentConfig.Page(
                    1024,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(600),
                    List.of("dcgm", "dcgm49"),
                    "hostname",
                    "/etc/millwright/dcgm49-names"),
                new AgentConfig.Collector("collector.site:9462", "/etc/millwright/node", 256),
                new AgentConfig.Jobs("/srv/policy.yaml", "/data/jobs", "systemd", "10.20.0.7"),
                new AgentConfig.Health("", "/data/health", "/data/rules.d", 64, 30),
                new AgentConfig.Power(true, "/data/power", "/run/other.sock"),
                new AgentConfig.Nvidia(
                    false,
                    "/opt/nvidia/libnvidia-ml.so.1",
                    Duration.ofMillis(100),
                    Duration.ofSeconds(120),
                    OptionalInt.of(8),
                    "never"),
                new AgentConfig.Neuron(
                    false,
                    "/srv/neuron",
                    Duration.ofMillis(200),
                    OptionalInt.of(16),
                    "/opt/aws/neuron/bin/neuron-monitor"),
                new AgentConfig.Host(
                    true,
                    List.of("tmpfs", "squashfs"),
                    List.of("/mnt/scratch", "/mnt/a \"b\" \\c"),
                    List.of("slurmd", "site-mount.service"),
                    List.of("nvidia-peermem")),
                new AgentConfig.Evidence(
                    "/data/evidence",
                    "/usr/bin/nvidia-bug-report.sh --safe-mode",
                    Duration.ofSeconds(30),
                    List.of("diag 10m /usr/bin/dcgmi diag -r 2"),
                    "/opt/aws/neuron/bin/neuron-ls")));
  }

  @Test
  void readsNothingAsTheDefaults() {
    AgentConfig standard = AgentConfig.standard("node-17");
    for (String nothing :
        List.of(
            "", "\n", "# only a comment\n", "---\n", "{}", "null", "\ufeff", "node:\npage: {}\n")) {
      assertThat(Reads.config(Reads.file(nothing))).as(nothing).isEqualTo(standard);
    }
    assertThat(standard.node()).isEqualTo(new AgentConfig.Node("node-17", "", ""));
    assertThat(standard.listen()).hasToString("127.0.0.1:9460");
    assertThat(standard.sampling()).isEqualTo(Periods.STANDARD);
    assertThat(standard.nvidia().expectedAccelerators()).isEmpty();
  }

  @Test
  void readsCharactersBeyondTheFirstPlaneAnywhere() {
    for (int before = 1000; before < 1040; before++) {
      String yaml = "#" + "x".repeat(before) + "\ud83d\ude00\nnode: {rack: \"\ud83d\ude00\"}\n";
      assertThat(Reads.config(Reads.file(yaml)).node().rack()).isEqualTo("\ud83d\ude00");
    }
  }

  @Test
  void optionOverridesEnvironmentOverridesFile() {
    String yaml = "page: {max_connections: 1}\nnode: {rack: a, role: a}\nlisten: 127.0.0.1:1\n";
    Map<String, String> environment =
        Map.of("MILLWRIGHT_PAGE_MAX_CONNECTIONS", "2", "MILLWRIGHT_NODE_RACK", "b");
    AgentConfig config =
        Reads.config(Reads.layers(yaml, environment, Map.of("page.max_connections", "3")));
    assertThat(config.page().maxConnections()).isEqualTo(3);
    assertThat(config.node()).isEqualTo(new AgentConfig.Node("node-17", "b", "a"));
    assertThat(config.listen().port()).isEqualTo(1);
    assertThat(config.page().idleTimeout()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void readsListsWithCommasFromTheEnvironment() {
    AgentConfig.Host host =
        Reads.config(
                Reads.layers(
                    "host: {filesystem_exclude_mounts: [/x]}",
                    Map.of(
                        "MILLWRIGHT_HOST_FILESYSTEM_EXCLUDE_TYPES", "tmpfs,squashfs",
                        "MILLWRIGHT_HOST_FILESYSTEM_EXCLUDE_MOUNTS", ""),
                    Map.of()))
            .host();
    assertThat(host.filesystemExcludeTypes()).containsExactly("tmpfs", "squashfs");
    assertThat(host.filesystemExcludeMounts()).isEmpty();
  }

  @Test
  void takesEveryFormOfAddress() {
    for (String good :
        List.of("0.0.0.0:9460", "127.0.0.1:0", "[::1]:65535", "[2001:db8::1]:80", "gpu-a.site:1")) {
      assertThat(HostPort.parse(good)).as(good).map(HostPort::toString).hasValue(good);
    }
    for (String bad :
        List.of(
            "",
            ":1",
            "a:",
            "[::1]",
            "[1.2.3.4]:1",
            "[::g]:1",
            "1.2.3:1",
            "01.2.3.4:1",
            "-a:1",
            "a_b:1",
            "a:1 ",
            "a:-1",
            "a:123456",
            "[fe80::1%eth0]:1",
            "a b:1",
            "1.2.3.4.:1",
            "a..b:1")) {
      assertThat(HostPort.parse(bad)).as(bad).isEmpty();
    }
  }

  @Test
  void readsTheTextOfAConfigurationBackAsTheSame() {
    ConfigResult.Loaded full = Reads.loaded(Reads.file(FULL));
    String text = AgentConfigText.of(full.config());
    assertThat(Reads.loaded(Reads.file(text))).isEqualTo(full);
    assertThat(text)
        .startsWith("node:\n  name: \"gpu-a.rack-3\"\n")
        .contains("\nlisten: \"[::]:0\"");
  }

  @Test
  void sumIsOfWhatIsInForceAndNotOfHowItWasSaid() {
    String byFile =
        Reads.loaded(Reads.file("node:   {rack: 'a'} # x\npage: {idle_timeout: 1m}")).sha256();
    String byOption = Reads.loaded(Reads.layers("", Map.of(), Map.of("node.rack", "a"))).sha256();
    assertThat(byFile).isEqualTo(byOption).matches("[0-9a-f]{64}");
    assertThat(Reads.loaded(Reads.file("")).sha256()).isNotEqualTo(byFile);
  }

  @Test
  void readsTheFileOfASite(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("agent.yaml"), "node: {rack: a}\n");
    assertThat(Reads.config(read(new ConfigFile.Required(file))).node().rack()).isEqualTo("a");
    assertThat(Reads.config(read(new ConfigFile.IfPresent(file))).node().rack()).isEqualTo("a");
  }

  @Test
  void missesANamedFileButNotAUsualOne(@TempDir Path directory) throws IOException {
    Path absent = directory.resolve("agent.yaml");
    assertThat(Reads.config(read(new ConfigFile.IfPresent(absent))))
        .isEqualTo(AgentConfig.standard("node-17"));
    assertThat(Reads.sentences(read(new ConfigFile.Required(absent))))
        .containsExactly(absent + ": there is no such file; write it, or name another");
    Path dangling = Files.createSymbolicLink(directory.resolve("link"), absent);
    assertThat(Reads.sentences(read(new ConfigFile.IfPresent(dangling))))
        .containsExactly(dangling + ": there is no such file; write it, or name another");
    assertThat(Reads.sentences(read(new ConfigFile.Required(directory))))
        .containsExactly(directory + ": not a regular file, allowed is a file of text");
  }

  @Test
  void recordsRefuseWhatTheAgentCannotWorkWith() {
    assertThatThrownBy(() -> new AgentConfig.Node("", "", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            new AgentConfig.Page(
                0, Duration.ofSeconds(1), Duration.ofSeconds(1), List.of(), "Hostname", ""))
        .hasMessage("page.max_connections is 0");
    assertThatThrownBy(() -> new HostPort("a", 65536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> new ConfigResult.Rejected(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ConfigResult read(ConfigFile file) {
    return Reads.READER.read(new ConfigSources(file, Map.of(), Map.of()));
  }
}
