/**
 * What the agent tells of itself: its build, its probes, its configuration, its memory, the cost of
 * its page. The families {@code millwright_agent_*} of the catalogue that are not of one device.
 *
 * <p>Written to from any thread of the agent, read by the metrics page. The Prometheus client is
 * imported here and nowhere else. A family of which nothing was observed yet is absent.
 */
@NullMarked
package io.millwright.agent.self;

import org.jspecify.annotations.NullMarked;
