/* SPDX-License-Identifier: BSD-2-Clause */
/* RTAS: its clock, and how it answers wrong calls (LoPAPR 1.1, 7.3). */
#include <boot.h>
#include <clock.h>
#include <rtas.h>
#include <smp.h>
#include <test.h>

#define STATUS_PARAMETER	(-3)
#define STOPPED_NOT		2	/* query-cpu-stopped-state: it runs */
#define STOPPED			0

/* What get-time-of-day returns, and set-time-of-day takes. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, NANOSECOND, FIELDS };

static bool is_leap(u32 year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static u32 days_of_month(u32 year, u32 month)
{
	return month == 2 ? 28u + is_leap(year) : 30 + ((month + month / 8) & 1);
}

/* Since 1970-01-01 00:00:00. */
static u64 seconds_of(const u32 *time)
{
	u64 days = time[DAY] - 1;

	for (u32 year = 1970; year < time[YEAR]; year++)
		days += 365 + is_leap(year);
	for (u32 month = 1; month < time[MONTH]; month++)
		days += days_of_month(time[YEAR], month);
	return ((days * 24 + time[HOUR]) * 60 + time[MINUTE]) * 60 + time[SECOND];
}

static u32 most_nanoseconds;

static u64 time_now(u32 *time)
{
	u32 results[1 + FIELDS];

	REQUIRE_EQ(rtas_call("get-time-of-day", results, 1 + FIELDS, NULL, 0), 0);
	memcpy(time, results + 1, FIELDS * sizeof(*time));
	EXPECT(time[YEAR] >= 1970 && time[YEAR] < 2400);
	REQUIRE(time[MONTH] >= 1 && time[MONTH] <= 12);
	EXPECT(time[DAY] >= 1 && time[DAY] <= days_of_month(time[YEAR], time[MONTH]));
	EXPECT(time[HOUR] < 24);
	EXPECT(time[MINUTE] < 60);
	EXPECT(time[SECOND] < 60);
	if (time[NANOSECOND] > most_nanoseconds)
		most_nanoseconds = time[NANOSECOND];
	return seconds_of(time);
}

/* Two seconds by the timebase; RTAS may round, and the host be busy. */
static void runs_on(u64 before)
{
	u64 last = before, now = before;
	u32 time[FIELDS], back = 0;

	for (unsigned int i = 0; i < 20; i++, last = now) {
		delay_us(100000);
		now = time_now(time);
		back += now < last;
	}
	EXPECT_EQ(back, 0);
	EXPECT(now - before >= 1);
	EXPECT(now - before <= 4);
}

/* By when a run of many cases has begun this one, within= says. */
#define WITHIN		3

TEST(get_time_of_day, "the clock tells the time: date=SECONDS since 1970 within=SECONDS",
     DEVICE(DEVICE_RTAS))
{
	u32 time[FIELDS], token;
	u64 now, wanted, within = WITHIN;

	parameter("within", &within);
	SUBTEST("token") REQUIRE(rtas_token("get-time-of-day", &token));
	now = time_now(time);
	SUBTEST("the time") {
		if (parameter("date", &wanted))
			EXPECT(now >= wanted && now - wanted < within);
		else
			skip("date= does not say what to expect");
	}
	SUBTEST("runs on") runs_on(now);
	/* Of all that was read: so many seconds that each value was there. */
	SUBTEST("nanoseconds") EXPECT(most_nanoseconds < 1000000000);
}

TEST(set_time_of_day, "the clock is set, and runs on into a leap day", DEVICE(DEVICE_RTAS))
{
	static const u32 eve[FIELDS] = { 2000, 2, 28, 23, 59, 59, 0 };
	u32 time[FIELDS], status, token;
	u64 now;

	REQUIRE(rtas_token("set-time-of-day", &token));
	EXPECT_EQ(rtas_call("set-time-of-day", &status, 1, eve, FIELDS), 0);
	now = time_now(time);
	EXPECT(now >= seconds_of(eve) && now - seconds_of(eve) <= 2);
	runs_on(now);
	time_now(time);
	EXPECT_EQ(time[YEAR], 2000);
	EXPECT_EQ(time[MONTH], 2);
	EXPECT_EQ(time[DAY], 29);
}

TEST(wrong_calls, "calls with wrong counts, or of no service, are refused",
     DEVICE(DEVICE_RTAS))
{
	static const u32 zeros[8];
	u32 token, results[RTAS_RESULTS];

	REQUIRE(rtas_token("get-time-of-day", &token));
	SUBTEST("too few results")
		EXPECT_EQ(rtas_call_token(token, results, 7, NULL, 0), STATUS_PARAMETER);
	REQUIRE(rtas_token("set-time-of-day", &token));
	SUBTEST("too few arguments")
		EXPECT_EQ(rtas_call_token(token, results, 1, zeros, 6), STATUS_PARAMETER);
	SUBTEST("no service")
		for (u32 none = 0x7ffffff0; none < 0x7ffffff8; none++)
			EXPECT_EQ(rtas_call_token(none, results, 1, NULL, 0),
				  STATUS_PARAMETER);
}

static int stopped_state(u32 server, u32 *state)
{
	u32 results[2];
	int status = rtas_call("query-cpu-stopped-state", results, 2, &server, 1);

	*state = results[1];
	return status;
}

static void wait_for(void *arg)
{
	while (!__atomic_load_n((u32 *)arg, __ATOMIC_ACQUIRE))
		cpu_relax();
}

/* Interrupt server numbers are small. */
#define SERVERS		256

TEST(stopped_state, "CPUs are stopped until they are started", DEVICE(DEVICE_RTAS), CPUS(2))
{
	unsigned int stopped = 0;
	u32 state;

	EXPECT_EQ(stopped_state(cpu_self()->server, &state), 0);
	EXPECT_EQ(state, STOPPED_NOT);
	/* No TEST before has used the others. */
	for (u32 server = 0; server < SERVERS; server++)
		if (!stopped_state(server, &state))
			stopped += state == STOPPED;
	EXPECT_EQ(stopped, cpu_count() - 1);
	smp_start();
	SUBTEST("that run") {
		static u32 go;

		go = 0;
		for (unsigned int i = 1; i < cpu_count(); i++) {
			on_cpu_begin(i, wait_for, &go);
			EXPECT_EQ(stopped_state(cpu_get(i)->server, &state), 0);
			EXPECT_EQ(state, STOPPED_NOT);
		}
		__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
		for (unsigned int i = 1; i < cpu_count(); i++)
			on_cpu_end(i);
	}
	/* H_CEDE is sleep, from which interrupts wake (14.11.3.3): nobody has stopped. */
	SUBTEST("that have ceded") {
		delay_us(20000);
		for (unsigned int i = 1; i < cpu_count(); i++) {
			EXPECT_EQ(stopped_state(cpu_get(i)->server, &state), 0);
			EXPECT_EQ(state, STOPPED_NOT);
		}
	}
	EXPECT_EQ(stopped_state(0x7fffffff, &state), STATUS_PARAMETER);
}
