package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every mistake, and the exact sentence it gets. */
class ConfigMistakesTest {
  private static final String SPAN = "a duration from 100ms to 60s in whole ms, s, m or h";
  private static final String ADDRESS = "host:port or [IPv6]:port with a port from 0 to 65535";

  private record Mistake(String name, String yaml, List<String> sentences) {
    Mistake(String name, String yaml, String... sentences) {
      this(name, yaml, List.of(sentences));
    }
  }

  @TestFactory
  Stream<DynamicTest> eachMistakeInAFileHasItsSentence() {
    return Stream.of(
            new Mistake(
                "unknown key",
                "nvidia:\n  libary: x\n",
                "agent.yaml:2:3: nvidia.libary is not a key; did you mean library?"),
            new Mistake(
                "unknown key with swapped letters",
                "lisetn: x\n",
                "agent.yaml:1:1: lisetn is not a key; did you mean listen?"),
            new Mistake(
                "unknown key with dashes",
                "page:\n  max-connections: 3\n",
                "agent.yaml:2:3: page.max-connections is not a key; did you mean max_connections?"),
            new Mistake(
                "unknown key like no other",
                "sampling:\n  colour: red\n",
                "agent.yaml:2:3: sampling.colour is not a key; the keys here are fast, medium,"
                    + " slow"),
            new Mistake(
                "key in the wrong section",
                "library: x\n",
                "agent.yaml:1:1: library is not a key; write library below nvidia"),
            new Mistake(
                "dotted key",
                "page.idle_timeout: 5s\n",
                "agent.yaml:1:1: page.idle_timeout is not a key; write idle_timeout below page"),
            new Mistake(
                "top key in a section",
                "page:\n  listen: 127.0.0.1:1\n",
                "agent.yaml:2:3: page.listen is not a key; write listen at the top"),
            new Mistake(
                "merge key",
                "<<: {listen: 127.0.0.1:1}\n",
                "agent.yaml:1:1: << is not a key; the keys here are node, mode, listen, sampling, metrics, page,"
                    + " collector, jobs, health, power, nvidia, neuron, evidence, host"),
            new Mistake(
                "duplicate key",
                "listen: 127.0.0.1:1\nnode: {}\nlisten: 127.0.0.1:2\n",
                "agent.yaml:3:1: listen is given twice, first on line 1; keep one of them"),
            new Mistake(
                "duplicate section",
                "node:\n  rack: a\nnode:\n  role: b\n",
                "agent.yaml:3:1: node is given twice, first on line 1; keep one of them"),
            new Mistake(
                "key that is a list",
                "? [a, b]\n: c\n",
                "agent.yaml:1:3: a key is a list, allowed is a name; write one of node, mode, listen,"
                    + " sampling, metrics, page, collector, jobs, health, power, nvidia, neuron, evidence, host"),
            new Mistake(
                "address that only looks like one",
                "jobs:\n  address: \"1:2:3\"\n",
                "agent.yaml:2:12: jobs.address is \"1:2:3\", allowed is the IPv4 or IPv6 address of one"
                    + " machine, not multicast, link-local, broadcast or 0.0.0.0, such as 10.20.0.7;"
                    + " or nothing"),
            new Mistake(
                "value for a section",
                "sampling: 1s\n",
                "agent.yaml:1:11: sampling is the value \"1s\", allowed is a section; write fast,"
                    + " medium, slow below it"),
            new Mistake(
                "list for a section",
                "node:\n  - a\n",
                "agent.yaml:2:3: node is a list, allowed is a section; write name, rack, role below"
                    + " it"),
            new Mistake(
                "section for a value",
                "listen:\n  port: 3\n",
                "agent.yaml:2:3: listen is a section, allowed is " + ADDRESS),
            new Mistake(
                "list for a value",
                "listen: [a]\n",
                "agent.yaml:1:9: listen is a list, allowed is " + ADDRESS),
            new Mistake(
                "value for a list",
                "host: {filesystem_exclude_types: tmpfs}\n",
                "agent.yaml:1:34: host.filesystem_exclude_types is the value \"tmpfs\", allowed is a"
                    + " list of at most 64, each the name of a file system type such as squashfs"),
            new Mistake(
                "section in a list",
                "host: {filesystem_exclude_mounts: [{a: b}]}\n",
                "agent.yaml:1:36: host.filesystem_exclude_mounts is a section, allowed is a list of"
                    + " at most 256, each the absolute path of a mount point such as /mnt/scratch"),
            new Mistake(
                "bad item",
                "host:\n  filesystem_exclude_mounts:\n    - /a\n    - b\n    -\n",
                "agent.yaml:4:7: host.filesystem_exclude_mounts is \"b\", allowed is a list of at"
                    + " most 256, each the absolute path of a mount point such as /mnt/scratch",
                "agent.yaml:5:6: host.filesystem_exclude_mounts is \"\", allowed is a list of at"
                    + " most 256, each the absolute path of a mount point such as /mnt/scratch"),
            new Mistake(
                "list too long",
                "host: {filesystem_exclude_types: [" + "a,".repeat(65) + "]}\n",
                "agent.yaml:1:34: host.filesystem_exclude_types is a list of 65, allowed is a list"
                    + " of at most 64, each the name of a file system type such as squashfs"),
            new Mistake(
                "no value",
                "listen:\n",
                "agent.yaml:1:8: listen has no value, allowed is "
                    + ADDRESS
                    + "; give one or remove it"),
            new Mistake(
                "yes for true",
                "nvidia:\n  enabled: yes\n",
                "agent.yaml:2:12: nvidia.enabled is \"yes\", allowed is true or false; write true"),
            new Mistake(
                "off for false",
                "nvidia:\n  enabled: Off\n",
                "agent.yaml:2:12: nvidia.enabled is \"Off\", allowed is true or false; write false"),
            new Mistake(
                "quoted switch",
                "host:\n  enabled: 'true'\n",
                "agent.yaml:2:12: host.enabled is the text \"true\" in quotes, allowed is true or"
                    + " false"),
            new Mistake(
                "quoted number",
                "page: {max_connections: \"16\"}\n",
                "agent.yaml:1:25: page.max_connections is the text \"16\" in quotes, allowed is a"
                    + " whole number from 1 to 1024"),
            new Mistake(
                "number too small",
                "page: {max_connections: 0}\n",
                "agent.yaml:1:25: page.max_connections is \"0\", allowed is a whole number from 1 to"
                    + " 1024"),
            new Mistake(
                "number too large",
                "nvidia: {expected_accelerators: 65}\n",
                "agent.yaml:1:33: nvidia.expected_accelerators is \"65\", allowed is a whole number"
                    + " from 0 to 64"),
            new Mistake(
                "number beyond every integer",
                "page: {max_connections: 99999999999999999999}\n",
                "agent.yaml:1:25: page.max_connections is \"99999999999999999999\", allowed is a"
                    + " whole number from 1 to 1024"),
            new Mistake(
                "octal",
                "page: {max_connections: 0x10}\n",
                "agent.yaml:1:25: page.max_connections is \"0x10\", allowed is a whole number from 1"
                    + " to 1024"),
            new Mistake(
                "duration without a unit",
                "sampling: {fast: 2}\n",
                "agent.yaml:1:18: sampling.fast is \"2\", allowed is "
                    + SPAN
                    + "; write 2s for seconds"),
            new Mistake(
                "broken duration",
                "sampling: {fast: 1.5s}\n",
                "agent.yaml:1:18: sampling.fast is \"1.5s\", allowed is " + SPAN),
            new Mistake(
                "duration too long",
                "nvidia: {call_deadline: 2m}\n",
                "agent.yaml:1:25: nvidia.call_deadline is \"2m\", allowed is " + SPAN),
            new Mistake(
                "duration too short",
                "sampling: {fast: 99ms}\n",
                "agent.yaml:1:18: sampling.fast is \"99ms\", allowed is " + SPAN),
            new Mistake(
                "port alone",
                "listen: 9460\n",
                "agent.yaml:1:9: listen is \"9460\", allowed is "
                    + ADDRESS
                    + "; write \"127.0.0.1:9460\""),
            new Mistake(
                "every address",
                "listen: :9460\n",
                "agent.yaml:1:9: listen is \":9460\", allowed is "
                    + ADDRESS
                    + "; write \"0.0.0.0:9460\" for every address of the node"),
            new Mistake(
                "host alone",
                "listen: localhost\n",
                "agent.yaml:1:9: listen is \"localhost\", allowed is "
                    + ADDRESS
                    + "; write \"localhost:9460\""),
            new Mistake(
                "IPv6 without brackets",
                "listen: ::1:9460\n",
                "agent.yaml:1:9: listen is \"::1:9460\", allowed is "
                    + ADDRESS
                    + "; write \"[::1]:9460\""),
            new Mistake(
                "port too large",
                "listen: 127.0.0.1:65536\n",
                "agent.yaml:1:9: listen is \"127.0.0.1:65536\", allowed is " + ADDRESS),
            new Mistake(
                "IPv4 out of range",
                "listen: 256.0.0.1:1\n",
                "agent.yaml:1:9: listen is \"256.0.0.1:1\", allowed is " + ADDRESS),
            new Mistake(
                "bad library",
                "nvidia: {library: lib/nvml.so}\n",
                "agent.yaml:1:19: nvidia.library is \"lib/nvml.so\", allowed is the name of a"
                    + " library such as libnvidia-ml.so.1, or an absolute path"),
            new Mistake(
                "bad node name",
                "node: {name: a b}\n",
                "agent.yaml:1:14: node.name is \"a b\", allowed is a name of 1 to 253 letters,"
                    + " digits, dots, dashes and underscores that begins and ends with a letter or"
                    + " digit"),
            new Mistake(
                "escaped control character",
                "node: {rack: \"a\\e[31mb\"}\n",
                "agent.yaml:1:14: node.rack is \"a<U+001B>[31mb\", allowed is a text of at most 64"
                    + " characters without control characters"),
            new Mistake(
                "half of a surrogate pair",
                "node: {rack: \"\\ud800\"}\n",
                "agent.yaml:1:14: node.rack is \"<U+D800>\", allowed is a text of at most 64"
                    + " characters without control characters"),
            new Mistake(
                "value too long to show",
                "node: {rack: " + "r".repeat(65) + "}\n",
                "agent.yaml:1:14: node.rack is \""
                    + "r".repeat(60)
                    + "...\", allowed is a text of at most 64 characters without control"
                    + " characters"),
            new Mistake(
                "control characters",
                "node:\n  rack: \u0007\n# \u001b[0m\n",
                "agent.yaml:2:9: the control character U+0007 is not allowed; remove it",
                "agent.yaml:3:3: the control character U+001B is not allowed; remove it"),
            new Mistake(
                "syntax",
                "node:\n  rack: a\n   role: b\n",
                "agent.yaml:3:8: not YAML: mapping values are not allowed here"),
            new Mistake(
                "open bracket",
                "host: {filesystem_exclude_types: [a\n",
                "agent.yaml:2:1: not YAML: expected ',' or ']', but got <stream end>"),
            new Mistake(
                "tab for indentation",
                "node:\n\track: a\n",
                "agent.yaml:2:1: not YAML: found character '\\t(TAB)' that cannot start any token."
                    + " (Do not use \\t(TAB) for indentation)"),
            new Mistake(
                "escape of no character",
                "node: {rack: \"\\UFFFFFFFF\"}\n",
                "agent.yaml:1:8: not YAML after this place: For input string: \"FFFFFFFF\" under"
                    + " radix 16"),
            new Mistake(
                "alias and anchor",
                "node: {rack: &r a, role: *r}\n",
                "agent.yaml:1:14: the anchor &r is not allowed here; remove it",
                "agent.yaml:1:26: the alias *r is not allowed here; write the value out"),
            new Mistake(
                "tag",
                "listen: !!python/object 1\n",
                "agent.yaml:1:9: the tag tag:yaml.org,2002:python/object is not allowed here; remove"
                    + " it",
                "agent.yaml:1:9: listen is \"1\", allowed is "
                    + ADDRESS
                    + "; write \"127.0.0.1:1\""),
            new Mistake(
                "second document",
                "listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2\n",
                "agent.yaml:2:1: a second document begins here, allowed is one; remove it"),
            new Mistake(
                "root is a list",
                "- listen\n",
                "agent.yaml:1:1: the file is a list, allowed is a section; write node, mode, listen,"
                    + " sampling, metrics, page, collector, jobs, health, power, nvidia, neuron, evidence, host below it"),
            new Mistake(
                "root is a value",
                "listen\n",
                "agent.yaml:1:1: the file is the value \"listen\", allowed is a section; write node,"
                    + " mode, listen, sampling, metrics, page, collector, jobs, health, power, nvidia, neuron, evidence, host below it"),
            new Mistake(
                "nested too deep",
                "listen: " + "[".repeat(9) + "]".repeat(9) + "\n",
                "agent.yaml:1:9: listen is a list, allowed is " + ADDRESS,
                "agent.yaml:1:16: nested more than 8 deep, no key is; remove what is below"),
            new Mistake(
                "periods out of order",
                "sampling: {fast: 10s}\n",
                "agent.yaml:1:18: sampling.fast is 10s and sampling.medium is 5s, allowed is fast <="
                    + " medium <= slow; lower the first or raise the second"),
            new Mistake(
                "periods out of order by the second",
                "sampling: {slow: 2s}\n",
                "agent.yaml:1:18: sampling.medium is 5s and sampling.slow is 2s, allowed is fast <="
                    + " medium <= slow; lower the first or raise the second"))
        .map(mistake ->
            DynamicTest.dynamicTest(
                mistake.name(),
                () ->
                    assertThat(Reads.sentences(Reads.file(mistake.yaml())))
                        .isEqualTo(mistake.sentences())));
  }

  @Test
  void tellsAllAtOnceInTheOrderOfTheFile() {
    String yaml =
        """
        nod: {}
        listen: 1
        sampling:
          fast: x
          slow: 1s
        page:
          max_connections: 0
          max_connections: 1
        """;
    ConfigResult result =
        Reads.layers(
            yaml,
            Map.of(
                "MILLWRIGHT_LISTN", "x",
                "MILLWRIGHT_NVIDIA_ENABLED", "1",
                "PATH", "/bin",
                "MILLWRIGHT_JAVA_HOME", "/opt/jdk",
                "MILLWRIGHT_HOME", "/opt/millwright"),
            Map.of("nvidia.library", "a/b", "nvidia.libary", "c"));
    assertThat(Reads.sentences(result))
        .containsExactly(
            "agent.yaml:1:1: nod is not a key; did you mean node?",
            "agent.yaml:2:9: listen is \"1\", allowed is " + ADDRESS + "; write \"127.0.0.1:1\"",
            "agent.yaml:4:9: sampling.fast is \"x\", allowed is " + SPAN,
            "agent.yaml:5:9: sampling.medium is 5s and sampling.slow is 1s, allowed is fast <="
                + " medium <= slow; lower the first or raise the second",
            "agent.yaml:7:20: page.max_connections is \"0\", allowed is a whole number from 1 to"
                + " 1024",
            "agent.yaml:8:3: page.max_connections is given twice, first on line 7; keep one of"
                + " them",
            "environment MILLWRIGHT_LISTN: names no key; did you mean MILLWRIGHT_LISTEN?",
            "environment MILLWRIGHT_NVIDIA_ENABLED: nvidia.enabled is \"1\", allowed is true or"
                + " false; write true",
            "option --nvidia.libary: names no key; did you mean nvidia.library?",
            "option --nvidia.library: nvidia.library is \"a/b\", allowed is the name of a library"
                + " such as libnvidia-ml.so.1, or an absolute path");
  }

  @Test
  void tellsOfOverridesWhenTheFileIsNotYaml() {
    assertThat(Reads.sentences(Reads.layers("{", Map.of("MILLWRIGHT_FOO_BAR_BAZ", "1"), Map.of())))
        .containsExactly(
            "agent.yaml:1:2: not YAML: expected the node content, but found '<stream end>'",
            "environment MILLWRIGHT_FOO_BAR_BAZ: names no key; remove it, or see the reference of"
                + " the configuration");
  }

  @Test
  void tellsOfAHostNameThatNamesNoNode() {
    ConfigReader reader = new ConfigReader("(none)");
    ConfigSources nothing = new ConfigSources(new ConfigFile.None(), Map.of(), Map.of());
    assertThat(Reads.sentences(reader.read(nothing)))
        .containsExactly(
            "this machine: the host name cannot name the node: node.name is \"(none)\", allowed is"
                + " a name of 1 to 253 letters, digits, dots, dashes and underscores that begins"
                + " and ends with a letter or digit; set node.name");
    ConfigSources named =
        new ConfigSources(new ConfigFile.None(), Map.of("MILLWRIGHT_NODE_NAME", "a"), Map.of());
    assertThat(Reads.config(reader.read(named)).node().name()).isEqualTo("a");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    assertThat(
            Reads.sentences(
                Reads.bytes("node: {rack: \u00e4}".getBytes(StandardCharsets.ISO_8859_1))))
        .containsExactly("agent.yaml: not UTF-8; save it as UTF-8");
  }

  @Test
  void refusesMoreThanOneMebibyte() {
    byte[] blank = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    assertThat(Reads.config(Reads.bytes(blank))).isEqualTo(AgentConfig.standard("node-17"));
    assertThat(Reads.sentences(Reads.file(" ".repeat((1 << 20) + 1))))
        .containsExactly("agent.yaml: larger than 1 MiB, which is the most that is allowed");
  }

  @Test
  void boundsWhatItSays() {
    assertThat(Reads.sentences(Reads.file("x: 1\n".repeat(5000))))
        .hasSize(101)
        .last()
        .isEqualTo("agent.yaml:100:1: and 4900 more problems that are not shown");
  }

  @Test
  void reportsALineEachAndTheirNumber() {
    Problem one = new Problem(new Place.Line("a.yaml", 1, 2), "x is wrong");
    Problem two = new Problem(new Place.WholeFile("b\u001b.yaml"), "y is wrong");
    assertThat(ConfigReport.text(List.of())).isEqualTo("no problems\n");
    assertThat(ConfigReport.text(List.of(one))).isEqualTo("a.yaml:1:2: x is wrong\n1 problem\n");
    assertThat(ConfigReport.text(List.of(one, two)))
        .isEqualTo("a.yaml:1:2: x is wrong\nb<U+001B>.yaml: y is wrong\n2 problems\n");
  }
}
