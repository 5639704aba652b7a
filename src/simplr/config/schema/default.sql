-- Written by `make schema`.
-- migration: accounts.0001_initial
-- migration: accounts.0002_sessions
-- migration: access.0001_initial
-- migration: access.0002_token_made_with
-- migration: access.0003_things_lie_in_the_trash
-- migration: access.0004_grants_are_found_by_their_end
-- migration: access.0005_people_ask_for_access
-- migration: access.0006_tokens_rest
-- migration: access.0007_programs_act_for_people
-- migration: access.0008_identities_are_signed
-- migration: account.0001_initial
-- migration: account.0002_email_max_length
-- migration: account.0003_alter_emailaddress_create_unique_verified_email
-- migration: account.0004_alter_emailaddress_drop_unique_email
-- migration: account.0005_emailaddress_idx_upper_email
-- migration: account.0006_emailaddress_lower
-- migration: account.0007_emailaddress_idx_email
-- migration: account.0008_emailaddress_unique_primary_email_fixup
-- migration: account.0009_emailaddress_unique_primary_email
-- migration: accounts.0003_people_get_notices
-- migration: accounts.0004_the_daily_mail_has_its_name
-- migration: accounts.0005_owners_are_told_of_malware
-- migration: accounts.0006_people_ask_for_access
-- migration: accounts.0007_people_are_slowed_down
-- migration: analysis.0001_initial
-- migration: contenttypes.0001_initial
-- migration: contenttypes.0002_remove_content_type_name
-- migration: auth.0001_initial
-- migration: auth.0002_alter_permission_name_max_length
-- migration: auth.0003_alter_user_email_max_length
-- migration: auth.0004_alter_user_username_opts
-- migration: auth.0005_alter_user_last_login_null
-- migration: auth.0006_require_contenttypes_0002
-- migration: auth.0007_alter_validators_add_error_messages
-- migration: auth.0008_alter_user_username_max_length
-- migration: auth.0009_alter_user_last_name_max_length
-- migration: auth.0010_alter_group_name_max_length
-- migration: auth.0011_update_proxy_permissions
-- migration: auth.0012_alter_user_first_name_max_length
-- migration: axes.0001_initial
-- migration: axes.0002_auto_20151217_2044
-- migration: axes.0003_auto_20160322_0929
-- migration: axes.0004_auto_20181024_1538
-- migration: axes.0005_remove_accessattempt_trusted
-- migration: axes.0006_remove_accesslog_trusted
-- migration: axes.0007_alter_accessattempt_unique_together
-- migration: axes.0008_accessfailurelog
-- migration: axes.0009_add_session_hash
-- migration: axes.0010_accessattemptexpiration
-- migration: base.0001_initial
-- migration: base.0002_events_never_change
-- migration: projects.0001_initial
-- migration: resources.0001_initial
-- migration: resources.0002_what_is_thrown_away_comes_back
-- migration: resources.0003_things_lie_in_folders
-- migration: resources.0004_versions_know_their_table
-- migration: resources.0005_versions_know_how_they_came
-- migration: datasets.0001_initial
-- migration: datasets.0002_members_comment
-- migration: datasets.0003_restored_versions_share_parts
-- migration: datasets.0004_fields_have_a_dictionary
-- migration: datasets.0005_quality_is_counted
-- migration: datasets.0006_versions_have_a_structure
-- migration: datasets.0007_fields_are_found_by_name
-- migration: intake.0001_initial
-- migration: intake.0002_uploads_can_be_resumed
-- migration: intake.0003_files_are_put_into_folders
-- migration: intake.0004_files_are_kept_by_a_recipe
-- migration: intake.0005_files_are_read_as_people_say
-- migration: licensing.0001_initial
-- migration: mfa.0001_initial
-- migration: mfa.0002_authenticator_timestamps
-- migration: mfa.0003_authenticator_type_uniq
-- migration: oauth2_provider.0001_initial
-- migration: oauth2_provider.0002_auto_20190406_1805
-- migration: oauth2_provider.0003_auto_20201211_1314
-- migration: oauth2_provider.0004_auto_20200902_2022
-- migration: oauth2_provider.0005_auto_20211222_2352
-- migration: oauth2_provider.0006_alter_application_client_secret
-- migration: oauth2_provider.0007_application_post_logout_redirect_uris
-- migration: oauth2_provider.0008_alter_accesstoken_token
-- migration: oauth2_provider.0009_add_hash_client_secret
-- migration: oauth2_provider.0010_application_allowed_origins
-- migration: oauth2_provider.0011_refreshtoken_token_family
-- migration: oauth2_provider.0012_add_token_checksum
-- migration: oauth2_provider.0013_alter_application_authorization_grant_type_device
-- migration: oauth2_provider.0014_alter_help_text
-- migration: oauth2_provider.0015_refreshtoken_token_checksum
-- migration: oauth2_provider.0016_alter_devicegrant_scope
-- migration: oauth2_provider.0017_application_dcr_created
-- migration: oauth2_provider.0018_resource_indicators
-- migration: oauth2_provider.0019_application_registration_source
-- migration: oauth2_provider.0020_cimd_application_fields
-- migration: oauth2_provider.0021_translatable_field_labels
-- migration: oauth2_provider.0022_refreshtoken_token_family_index
-- migration: procrastinate.0001_initial
-- migration: procrastinate.0002_drop_started_at_column
-- migration: procrastinate.0003_drop_started_at_column
-- migration: procrastinate.0004_drop_procrastinate_version_table
-- migration: procrastinate.0005_fix_procrastinate_fetch_job
-- migration: procrastinate.0006_fix_trigger_status_events_insert
-- migration: procrastinate.0007_add_queueing_lock_column
-- migration: procrastinate.0008_close_fetch_job_race_condition
-- migration: procrastinate.0009_add_defer_job_function
-- migration: procrastinate.0010_add_procrastinate_periodic_defers
-- migration: procrastinate.0011_add_foreign_key_index
-- migration: procrastinate.0012_add_locks_to_periodic_defer
-- migration: procrastinate.0013_fix_procrastinate_defer_periodic_job
-- migration: procrastinate.0014_add_finish_job_and_retry_job_functions
-- migration: procrastinate.0015_add_trigger_on_job_deletion
-- migration: procrastinate.0016_delete_finished_jobs
-- migration: procrastinate.0017_add_checks_to_finish_job
-- migration: procrastinate.0018_add_checks_to_retry_job
-- migration: procrastinate.0019_fix_finish_job_compat_issue
-- migration: procrastinate.0020_add_index_on_procrastinate_jobs
-- migration: procrastinate.0021_add_kwargs_to_defer_periodic_job
-- migration: procrastinate.0022_null_locks_excluded
-- migration: procrastinate.0023_remove_old_finish_job_function
-- migration: procrastinate.0024_job_id_bigint
-- migration: procrastinate.0025_add_models
-- migration: procrastinate.0026_add_job_priority
-- migration: procrastinate.0027_add_periodic_job_priority
-- migration: procrastinate.0028_add_cancel_states
-- migration: procrastinate.0029_add_additional_params_to_retry_job
-- migration: procrastinate.0030_alter_procrastinateevent_options
-- migration: procrastinate.0031_add_indexes_for_fetch_job
-- migration: procrastinate.0032_pre_cancel_notification
-- migration: procrastinate.0033_post_cancel_notification
-- migration: procrastinate.0034_pre_add_heartbeat
-- migration: procrastinate.0035_post_add_heartbeat
-- migration: procrastinate.0036_add_worker_model
-- migration: procrastinate.0037_pre_batch_defer_jobs
-- migration: procrastinate.0038_post_batch_defer_jobs
-- migration: procrastinate.0039_pre_priority_lock_fetch_job
-- migration: procrastinate.0040_pre_retry_failed_job
-- migration: procrastinate.0041_post_retry_failed_job
-- migration: resources.0006_rows_are_replaced_by_key
-- migration: resources.0007_versions_keep_their_recipe
-- migration: resources.0008_rows_are_made_by_unpivoting
-- migration: resources.0009_versions_are_mended
-- migration: resources.0010_versions_keep_their_text
-- migration: resources.0011_why_there_is_no_text
-- migration: resources.0012_originals_are_scanned
-- migration: sessions.0001_initial
-- migration: sharing.0001_initial
-- migration: sharing.0002_versions_are_compared
-- migration: sharing.0003_quarantine_is_mended

SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
CREATE TYPE jobs.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);
CREATE TYPE jobs.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);
CREATE TYPE jobs.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);
CREATE FUNCTION base.base_event_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                RAISE EXCEPTION 'base_event is append-only' USING ERRCODE = 'insufficient_privilege';
            END $$;
CREATE FUNCTION jobs.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;
CREATE FUNCTION jobs.procrastinate_defer_jobs_v1(jobs jobs.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;
    RETURN job_ids;
END;
$$;
CREATE FUNCTION jobs.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;
    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;
    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;
    RETURN _job_id;
END;
$$;
CREATE TABLE jobs.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status jobs.procrastinate_job_status DEFAULT 'todo'::jobs.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    queueing_lock text,
    priority integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::jobs.procrastinate_job_status) AND (abort_requested = true))))
);
CREATE FUNCTION jobs.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS jobs.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;
 RETURN found_jobs;
END;
$$;
CREATE FUNCTION jobs.procrastinate_finish_job_v1(job_id bigint, end_status jobs.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION jobs.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION jobs.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION jobs.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION jobs.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION jobs.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);
	RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;
CREATE FUNCTION jobs.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;
CREATE FUNCTION jobs.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION jobs.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;
CREATE TABLE access.access_accessrequest (
    id uuid NOT NULL,
    purpose bytea NOT NULL,
    actions character varying(12)[] NOT NULL,
    until timestamp with time zone,
    state character varying(12) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    reminded_at timestamp with time zone,
    answered_at timestamp with time zone,
    answer bytea,
    answered_by_id uuid,
    grant_id uuid,
    node_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT request_granted_has_a_grant CHECK ((((grant_id IS NOT NULL) AND ((state)::text = 'granted'::text)) OR ((NOT ((state)::text = 'granted'::text)) AND (grant_id IS NULL)))),
    CONSTRAINT request_is_not_answered_by_who_asked CHECK (((answered_by_id IS NULL) OR (NOT ((answered_by_id = person_id) AND (answered_by_id IS NOT NULL))))),
    CONSTRAINT request_state_is_known CHECK (((state)::text = ANY ((ARRAY['waiting'::character varying, 'granted'::character varying, 'declined'::character varying, 'withdrawn'::character varying, 'lapsed'::character varying])::text[])))
);
CREATE TABLE access.access_accesstoken (
    id bigint NOT NULL,
    token text NOT NULL,
    token_checksum character varying(64) NOT NULL,
    expires timestamp with time zone NOT NULL,
    scope text NOT NULL,
    resource jsonb NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    public_id uuid NOT NULL,
    name character varying(100) NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    user_id uuid,
    application_id bigint,
    id_token_id bigint,
    source_refresh_token_id bigint,
    made_with_id bigint,
    slowed_until timestamp with time zone,
    suspended_at timestamp with time zone,
    renewable_until timestamp with time zone,
    CONSTRAINT token_is_never_kept CHECK ((token = ''::text))
);
ALTER TABLE access.access_accesstoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_accesstoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_application (
    id bigint NOT NULL,
    client_id character varying(255) NOT NULL,
    redirect_uris text NOT NULL,
    post_logout_redirect_uris text NOT NULL,
    client_type character varying(32) NOT NULL,
    authorization_grant_type character varying(44) NOT NULL,
    client_secret character varying(255) NOT NULL,
    hash_client_secret boolean NOT NULL,
    name character varying(255) NOT NULL,
    skip_authorization boolean NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    algorithm character varying(5) NOT NULL,
    allowed_origins text NOT NULL,
    registration_source character varying(32) NOT NULL,
    cimd_expires_at timestamp with time zone,
    user_id uuid,
    public_id uuid NOT NULL,
    registered_by_id uuid,
    revoked_at timestamp with time zone,
    scopes character varying(100)[] NOT NULL
);
ALTER TABLE access.access_application ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_application_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_codegrant (
    id bigint NOT NULL,
    code character varying(255) NOT NULL,
    expires timestamp with time zone NOT NULL,
    redirect_uri text NOT NULL,
    scope text NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    code_challenge character varying(128) NOT NULL,
    code_challenge_method character varying(10) NOT NULL,
    nonce character varying(255) NOT NULL,
    claims text NOT NULL,
    resource jsonb NOT NULL,
    application_id bigint NOT NULL,
    user_id uuid NOT NULL,
    made_id bigint,
    until timestamp with time zone
);
ALTER TABLE access.access_codegrant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_codegrant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_devicegrant (
    id bigint NOT NULL,
    device_code character varying(100) NOT NULL,
    user_code character varying(100) NOT NULL,
    scope text NOT NULL,
    "interval" integer NOT NULL,
    expires timestamp with time zone NOT NULL,
    status character varying(64) NOT NULL,
    client_id character varying(100) NOT NULL,
    last_checked timestamp with time zone NOT NULL,
    user_id uuid,
    made_id bigint,
    until timestamp with time zone
);
ALTER TABLE access.access_devicegrant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_devicegrant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_grant (
    id uuid NOT NULL,
    link_digest bytea,
    link_password character varying(200) NOT NULL,
    actions character varying(12)[] NOT NULL,
    conditions character varying(40)[] NOT NULL,
    note character varying(500) NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    revoked_at timestamp with time zone,
    granted_by_id uuid NOT NULL,
    group_id uuid,
    organisation_id uuid,
    person_id uuid,
    revoked_by_id uuid,
    node_id uuid NOT NULL,
    release_id uuid,
    CONSTRAINT grant_actions_are_known CHECK (((actions <@ ARRAY['discover'::character varying(12), 'describe'::character varying(12), 'read'::character varying(12), 'download'::character varying(12), 'write'::character varying(12), 'manage'::character varying(12)]) AND (NOT (actions = '{}'::character varying(12)[])))),
    CONSTRAINT grant_ends_after_it_begins CHECK (((until IS NULL) OR (until > granted_at))),
    CONSTRAINT grant_has_one_grantee CHECK ((((group_id IS NULL) AND (link_digest IS NULL) AND (organisation_id IS NULL) AND (person_id IS NOT NULL)) OR ((group_id IS NULL) AND (link_digest IS NULL) AND (organisation_id IS NOT NULL) AND (person_id IS NULL)) OR ((group_id IS NOT NULL) AND (link_digest IS NULL) AND (organisation_id IS NULL) AND (person_id IS NULL)) OR ((group_id IS NULL) AND (link_digest IS NOT NULL) AND (organisation_id IS NULL) AND (person_id IS NULL)))),
    CONSTRAINT grant_revoked_by_someone CHECK ((((revoked_at IS NULL) AND (revoked_by_id IS NULL)) OR ((revoked_at IS NOT NULL) AND (revoked_by_id IS NOT NULL))))
);
CREATE TABLE access.access_identitykey (
    id uuid NOT NULL,
    public text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE access.access_idtoken (
    id bigint NOT NULL,
    jti uuid NOT NULL,
    expires timestamp with time zone NOT NULL,
    scope text NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    application_id bigint,
    user_id uuid
);
ALTER TABLE access.access_idtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_idtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_node (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    path uuid[] NOT NULL,
    classification character varying(12) NOT NULL,
    required_agreement_id uuid,
    created_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    parent_id uuid,
    project_id uuid,
    restorable_until timestamp with time zone,
    CONSTRAINT node_classification_is_known CHECK (((classification)::text = ANY ((ARRAY['public'::character varying, 'internal'::character varying, 'confidential'::character varying, 'restricted'::character varying])::text[]))),
    CONSTRAINT node_in_the_trash_is_deleted CHECK (((restorable_until IS NULL) OR (deleted_at IS NOT NULL))),
    CONSTRAINT node_kind_is_known CHECK (((kind)::text = ANY ((ARRAY['project'::character varying, 'folder'::character varying, 'resource'::character varying, 'version'::character varying, 'release'::character varying, 'pipeline'::character varying, 'survey'::character varying, 'stream'::character varying, 'connection'::character varying, 'analysis'::character varying, 'model'::character varying, 'dashboard'::character varying, 'post'::character varying])::text[])))
);
CREATE TABLE access.access_refreshtoken (
    id bigint NOT NULL,
    token text NOT NULL,
    token_checksum character varying(64) NOT NULL,
    token_family uuid,
    resource jsonb NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    revoked timestamp with time zone,
    access_token_id bigint,
    application_id bigint NOT NULL,
    user_id uuid NOT NULL,
    scope text NOT NULL,
    CONSTRAINT refresh_token_is_never_kept CHECK ((token = ''::text))
);
ALTER TABLE access.access_refreshtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME access.access_refreshtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE access.access_roleassignment (
    id uuid NOT NULL,
    role character varying(12) NOT NULL,
    given_at timestamp with time zone NOT NULL,
    given_by_id uuid NOT NULL,
    node_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT role_is_known CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'steward'::character varying, 'analyst'::character varying, 'viewer'::character varying, 'guest'::character varying])::text[])))
);
CREATE TABLE accounts.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id uuid NOT NULL
);
ALTER TABLE accounts.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE accounts.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.accounts_group (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    organisation_id uuid NOT NULL
);
CREATE TABLE accounts.accounts_groupmembership (
    id uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    group_id uuid NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE accounts.accounts_invitation (
    id uuid NOT NULL,
    email character varying(254) NOT NULL,
    name character varying(200) NOT NULL,
    project_id uuid,
    role character varying(12) NOT NULL,
    secret_digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    accepted_by_id uuid,
    invited_by_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    CONSTRAINT invitation_accepted_by_someone CHECK ((((accepted_at IS NULL) AND (accepted_by_id IS NULL)) OR ((accepted_at IS NOT NULL) AND (accepted_by_id IS NOT NULL))))
);
CREATE TABLE accounts.accounts_notice (
    id uuid NOT NULL,
    code character varying(12) NOT NULL,
    node_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    by_id uuid,
    person_id uuid NOT NULL
);
CREATE TABLE accounts.accounts_organisation (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE accounts.accounts_person (
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    id uuid NOT NULL,
    email character varying(254) NOT NULL,
    name character varying(200) NOT NULL,
    is_active boolean NOT NULL,
    is_administrator boolean NOT NULL,
    is_auditor boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    organisation_id uuid,
    daily_mail_at timestamp with time zone,
    wants_daily_mail boolean CONSTRAINT accounts_person_wants_digest_not_null NOT NULL,
    slowed_until timestamp with time zone
);
CREATE TABLE accounts.accounts_session (
    id uuid NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    browser character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    person_id uuid
);
CREATE TABLE accounts.accounts_signinlink (
    id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    person_id uuid NOT NULL
);
CREATE TABLE accounts.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE accounts.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE accounts.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE accounts.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.axes_accessattempt (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    get_data text NOT NULL,
    post_data text NOT NULL,
    failures_since_start integer NOT NULL,
    CONSTRAINT axes_accessattempt_failures_since_start_check CHECK ((failures_since_start >= 0))
);
ALTER TABLE accounts.axes_accessattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.axes_accessattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.axes_accessattemptexpiration (
    access_attempt_id integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE accounts.axes_accessfailurelog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    locked_out boolean NOT NULL
);
ALTER TABLE accounts.axes_accessfailurelog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.axes_accessfailurelog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.axes_accesslog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    logout_time timestamp with time zone,
    session_hash character varying(64) NOT NULL
);
ALTER TABLE accounts.axes_accesslog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.axes_accesslog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE accounts.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE accounts.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);
ALTER TABLE accounts.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME accounts.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE analysis.analysis_alert (
    id uuid NOT NULL,
    token_id uuid,
    token_name character varying(100) NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    score double precision NOT NULL,
    parts jsonb NOT NULL,
    network character varying(16) NOT NULL,
    measure character varying(8) NOT NULL,
    state character varying(9) NOT NULL,
    decided_at timestamp with time zone,
    decided_by_id uuid,
    person_id uuid NOT NULL,
    CONSTRAINT alert_is_open_or_decided CHECK ((((decided_at IS NULL) AND ((state)::text = 'open'::text)) OR ((NOT ((state)::text = 'open'::text)) AND (decided_at IS NOT NULL))))
);
CREATE TABLE analysis.analysis_alertproject (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    alert_id uuid NOT NULL
);
CREATE TABLE analysis.analysis_baseline (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    subject_id uuid NOT NULL,
    state jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE analysis.analysis_position (
    id smallint NOT NULL,
    below_transaction bigint NOT NULL,
    seen jsonb NOT NULL,
    cluster character varying(40) NOT NULL,
    house jsonb NOT NULL,
    CONSTRAINT analysis_position_id_check CHECK ((id >= 0)),
    CONSTRAINT one_position_of_watching CHECK ((id = 1))
);
CREATE TABLE base.base_cache (
    cache_key character varying(255) NOT NULL,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE base.base_event (
    id uuid NOT NULL,
    transaction bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    code character varying(80) NOT NULL,
    outcome character varying(8) NOT NULL,
    actor_kind character varying(12) NOT NULL,
    actor_id uuid,
    token_id uuid,
    organisation_id uuid,
    project_id uuid,
    node_id uuid,
    subject_kind character varying(40) NOT NULL,
    subject_id uuid,
    request_id uuid,
    details jsonb NOT NULL,
    CONSTRAINT event_outcome_is_known CHECK (((outcome)::text = ANY ((ARRAY['ok'::character varying, 'refused'::character varying, 'failed'::character varying])::text[])))
);
CREATE TABLE base.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE base.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME base.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE base.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE base.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME base.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE datasets.datasets_comment (
    id uuid NOT NULL,
    body bytea NOT NULL,
    written_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    author_id uuid NOT NULL,
    resource_id uuid NOT NULL
);
CREATE TABLE datasets.datasets_field (
    id uuid NOT NULL,
    "position" integer NOT NULL,
    name character varying(200) NOT NULL,
    source_name text NOT NULL,
    title character varying(200) NOT NULL,
    meaning text NOT NULL,
    type character varying(12) NOT NULL,
    format character varying(60) NOT NULL,
    personal character varying(10) NOT NULL,
    personal_kind character varying(40) NOT NULL,
    confidence character varying(8) NOT NULL,
    evidence text NOT NULL,
    missing_codes character varying(60)[] NOT NULL,
    missing_count bigint,
    distinct_count bigint,
    distinct_is_exact boolean NOT NULL,
    profile_id uuid,
    version_id uuid NOT NULL,
    part_id uuid NOT NULL,
    unit character varying(60) NOT NULL,
    is_key boolean NOT NULL,
    limits bytea,
    quarantined_count bigint,
    inconsistent_count bigint,
    CONSTRAINT datasets_field_position_check CHECK (("position" >= 0)),
    CONSTRAINT field_personal_is_known CHECK (((personal)::text = ANY ((ARRAY['none'::character varying, 'indirect'::character varying, 'personal'::character varying])::text[])))
);
CREATE TABLE datasets.datasets_part (
    id uuid NOT NULL,
    number smallint NOT NULL,
    object_id uuid NOT NULL,
    version_id uuid NOT NULL,
    CONSTRAINT datasets_part_number_check CHECK ((number >= 0))
);
CREATE TABLE datasets.datasets_structure (
    version_id uuid NOT NULL,
    keys jsonb NOT NULL,
    dependencies jsonb NOT NULL,
    is_whole boolean NOT NULL
);
CREATE TABLE intake.intake_upload (
    id uuid NOT NULL,
    name character varying(255) NOT NULL,
    wanted_as character varying(5) NOT NULL,
    state character varying(14) NOT NULL,
    size bigint NOT NULL,
    received_bytes bigint NOT NULL,
    object_id uuid,
    report_id uuid,
    understanding jsonb NOT NULL,
    overrides jsonb NOT NULL,
    progress jsonb NOT NULL,
    job_id bigint,
    error_code character varying(60) NOT NULL,
    error_message text NOT NULL,
    cancel_asked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    project_id uuid NOT NULL,
    resource_id uuid,
    version_id uuid,
    expires_at timestamp with time zone,
    metadata bytea,
    folder_id uuid,
    recipes bytea,
    read_as jsonb
);
CREATE TABLE intake.intake_uploadpiece (
    id uuid NOT NULL,
    "offset" bigint NOT NULL,
    size bigint NOT NULL,
    object_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    CONSTRAINT piece_holds_something CHECK ((("offset" >= 0) AND (size > 0)))
);
CREATE TABLE jobs.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type jobs.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);
CREATE SEQUENCE jobs.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE jobs.procrastinate_events_id_seq OWNED BY jobs.procrastinate_events.id;
CREATE SEQUENCE jobs.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE jobs.procrastinate_jobs_id_seq OWNED BY jobs.procrastinate_jobs.id;
CREATE TABLE jobs.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE jobs.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE jobs.procrastinate_periodic_defers_id_seq OWNED BY jobs.procrastinate_periodic_defers.id;
CREATE TABLE jobs.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE jobs.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME jobs.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE licensing.licensing_licence (
    id uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    issued_by_id uuid,
    organisation_id uuid,
    person_id uuid,
    CONSTRAINT licence_has_one_holder CHECK ((((person_id IS NULL) OR (organisation_id IS NULL)) AND (1 = (
CASE
    WHEN (person_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (organisation_id IS NULL) THEN 1
    ELSE 0
END))))
);
CREATE TABLE projects.projects_project (
    node_id uuid NOT NULL,
    slug character varying(60) NOT NULL,
    title character varying(200) NOT NULL,
    aims text NOT NULL,
    status character varying(12) NOT NULL,
    quota_bytes bigint NOT NULL,
    used_bytes bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT project_within_quota CHECK (((used_bytes >= 0) AND (used_bytes <= quota_bytes)))
);
CREATE TABLE resources.resources_folder (
    node_id uuid NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    project_id uuid NOT NULL
);
CREATE TABLE resources.resources_resource (
    node_id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    usage_terms character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    project_id uuid NOT NULL
);
CREATE TABLE resources.resources_scan (
    original_id uuid NOT NULL,
    state character varying(11) NOT NULL,
    found character varying(100) NOT NULL,
    scanner character varying(100) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE resources.resources_trashed (
    node_id uuid NOT NULL,
    trashed_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    erasing_at timestamp with time zone,
    project_id uuid NOT NULL,
    trashed_by_id uuid NOT NULL,
    CONSTRAINT trashed_until_later CHECK ((until >= trashed_at))
);
CREATE TABLE resources.resources_version (
    node_id uuid NOT NULL,
    number integer NOT NULL,
    original_id uuid NOT NULL,
    original_name character varying(255) NOT NULL,
    media_type character varying(100) NOT NULL,
    size bigint NOT NULL,
    rows_in bigint,
    rows_kept bigint,
    rows_quarantined bigint,
    cells_quarantined bigint,
    quarantine_id uuid,
    created_at timestamp with time zone NOT NULL,
    resource_id uuid NOT NULL,
    table_path jsonb NOT NULL,
    mode character varying(8) NOT NULL,
    key character varying(200)[] NOT NULL,
    earlier_id uuid,
    upload_id uuid,
    changes jsonb NOT NULL,
    recipe_id uuid,
    rows_made bigint NOT NULL,
    rows_each integer NOT NULL,
    text_id uuid,
    text_refusal jsonb NOT NULL,
    scan character varying(11) DEFAULT ''::character varying NOT NULL,
    scan_found character varying(100) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT resources_version_number_check CHECK ((number >= 0)),
    CONSTRAINT resources_version_rows_each_check CHECK ((rows_each >= 0)),
    CONSTRAINT rows_in_are_kept_or_quarantined CHECK (((rows_in IS NULL) OR (rows_in = ((rows_kept + rows_quarantined) - rows_made)))),
    CONSTRAINT rows_made_are_those_of_each_row CHECK (((rows_in IS NULL) OR (NOT ((mode)::text = 'replace'::text)) OR (rows_kept = ((rows_in - rows_quarantined) * rows_each))))
);
CREATE TABLE sharing.sharing_comparison (
    id uuid NOT NULL,
    key character varying(200)[] NOT NULL,
    shown_before character varying(200)[] NOT NULL,
    shown_after character varying(200)[] NOT NULL,
    object_id uuid,
    job_id bigint,
    error_code character varying(60) NOT NULL,
    error_message text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    after_id uuid NOT NULL,
    before_id uuid NOT NULL,
    resource_id uuid NOT NULL
);
CREATE TABLE sharing.sharing_mending (
    id uuid NOT NULL,
    asked_id uuid,
    edited character varying(8) NOT NULL,
    reading jsonb NOT NULL,
    progress jsonb NOT NULL,
    job_id bigint,
    cancel_asked_at timestamp with time zone,
    error_code character varying(60) NOT NULL,
    error_message text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    earlier_id uuid NOT NULL,
    made_id uuid,
    person_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    CONSTRAINT mending_ends_once CHECK (((made_id IS NULL) OR ((error_code)::text = ''::text)))
);
CREATE TABLE sharing.sharing_pseudonymmap (
    id uuid NOT NULL,
    field_name character varying(200) NOT NULL,
    number integer NOT NULL,
    object_id uuid NOT NULL,
    count bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    project_id uuid NOT NULL,
    CONSTRAINT sharing_pseudonymmap_number_check CHECK ((number >= 0))
);
CREATE TABLE sharing.sharing_release (
    node_id uuid NOT NULL,
    title character varying(200) NOT NULL,
    purpose text NOT NULL,
    fields jsonb NOT NULL,
    condition bytea,
    follows character varying(14) NOT NULL,
    row_count bigint,
    created_at timestamp with time zone NOT NULL,
    resource_id uuid NOT NULL,
    version_id uuid NOT NULL
);
ALTER TABLE ONLY jobs.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('jobs.procrastinate_events_id_seq'::regclass);
ALTER TABLE ONLY jobs.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('jobs.procrastinate_jobs_id_seq'::regclass);
ALTER TABLE ONLY jobs.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('jobs.procrastinate_periodic_defers_id_seq'::regclass);
ALTER TABLE ONLY access.access_accessrequest
    ADD CONSTRAINT access_accessrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_id_token_id_key UNIQUE (id_token_id);
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_source_refresh_token_id_key UNIQUE (source_refresh_token_id);
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_token_checksum_key UNIQUE (token_checksum);
ALTER TABLE ONLY access.access_application
    ADD CONSTRAINT access_application_client_id_key UNIQUE (client_id);
ALTER TABLE ONLY access.access_application
    ADD CONSTRAINT access_application_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_application
    ADD CONSTRAINT access_application_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY access.access_codegrant
    ADD CONSTRAINT access_codegrant_code_key UNIQUE (code);
ALTER TABLE ONLY access.access_codegrant
    ADD CONSTRAINT access_codegrant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_devicegrant
    ADD CONSTRAINT access_devicegrant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_devicegrant
    ADD CONSTRAINT access_devicegrant_unique_device_code UNIQUE (device_code);
ALTER TABLE ONLY access.access_devicegrant
    ADD CONSTRAINT access_devicegrant_user_code_f2a13a85_uniq UNIQUE (user_code);
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_link_digest_key UNIQUE (link_digest);
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_identitykey
    ADD CONSTRAINT access_identitykey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_idtoken
    ADD CONSTRAINT access_idtoken_jti_key UNIQUE (jti);
ALTER TABLE ONLY access.access_idtoken
    ADD CONSTRAINT access_idtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_node
    ADD CONSTRAINT access_node_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_access_token_id_key UNIQUE (access_token_id);
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_token_checksum_revoked_06087cfe_uniq UNIQUE (token_checksum, revoked);
ALTER TABLE ONLY access.access_roleassignment
    ADD CONSTRAINT access_roleassignment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.access_roleassignment
    ADD CONSTRAINT one_role_each UNIQUE (node_id, person_id);
ALTER TABLE ONLY accounts.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY accounts.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY accounts.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_group
    ADD CONSTRAINT accounts_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_groupmembership
    ADD CONSTRAINT accounts_groupmembership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_invitation
    ADD CONSTRAINT accounts_invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_invitation
    ADD CONSTRAINT accounts_invitation_secret_digest_key UNIQUE (secret_digest);
ALTER TABLE ONLY accounts.accounts_notice
    ADD CONSTRAINT accounts_notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_organisation
    ADD CONSTRAINT accounts_organisation_name_key UNIQUE (name);
ALTER TABLE ONLY accounts.accounts_organisation
    ADD CONSTRAINT accounts_organisation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_person
    ADD CONSTRAINT accounts_person_email_key UNIQUE (email);
ALTER TABLE ONLY accounts.accounts_person
    ADD CONSTRAINT accounts_person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_session
    ADD CONSTRAINT accounts_session_digest_key UNIQUE (digest);
ALTER TABLE ONLY accounts.accounts_session
    ADD CONSTRAINT accounts_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_signinlink
    ADD CONSTRAINT accounts_signinlink_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.accounts_signinlink
    ADD CONSTRAINT accounts_signinlink_secret_digest_key UNIQUE (secret_digest);
ALTER TABLE ONLY accounts.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY accounts.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY accounts.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY accounts.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_username_ip_address_user_agent_8ea22282_uniq UNIQUE (username, ip_address, user_agent);
ALTER TABLE ONLY accounts.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptexpiration_pkey PRIMARY KEY (access_attempt_id);
ALTER TABLE ONLY accounts.axes_accessfailurelog
    ADD CONSTRAINT axes_accessfailurelog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.axes_accesslog
    ADD CONSTRAINT axes_accesslog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY accounts.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY accounts.accounts_groupmembership
    ADD CONSTRAINT group_member_once UNIQUE (group_id, person_id);
ALTER TABLE ONLY accounts.accounts_group
    ADD CONSTRAINT group_name_once UNIQUE (organisation_id, name);
ALTER TABLE ONLY accounts.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analysis.analysis_alertproject
    ADD CONSTRAINT alert_project_once UNIQUE (alert_id, project_id);
ALTER TABLE ONLY analysis.analysis_alert
    ADD CONSTRAINT analysis_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analysis.analysis_alertproject
    ADD CONSTRAINT analysis_alertproject_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analysis.analysis_baseline
    ADD CONSTRAINT analysis_baseline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analysis.analysis_position
    ADD CONSTRAINT analysis_position_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analysis.analysis_baseline
    ADD CONSTRAINT baseline_once UNIQUE (kind, subject_id);
ALTER TABLE ONLY base.base_cache
    ADD CONSTRAINT base_cache_pkey PRIMARY KEY (cache_key);
ALTER TABLE ONLY base.base_event
    ADD CONSTRAINT base_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY base.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY base.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY base.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY datasets.datasets_comment
    ADD CONSTRAINT datasets_comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY datasets.datasets_field
    ADD CONSTRAINT datasets_field_pkey PRIMARY KEY (id);
ALTER TABLE ONLY datasets.datasets_part
    ADD CONSTRAINT datasets_part_pkey PRIMARY KEY (id);
ALTER TABLE ONLY datasets.datasets_structure
    ADD CONSTRAINT datasets_structure_pkey PRIMARY KEY (version_id);
ALTER TABLE ONLY datasets.datasets_field
    ADD CONSTRAINT field_name_once UNIQUE (version_id, name);
ALTER TABLE ONLY datasets.datasets_field
    ADD CONSTRAINT field_position_once UNIQUE (version_id, "position");
ALTER TABLE ONLY datasets.datasets_part
    ADD CONSTRAINT part_number_once UNIQUE (version_id, number);
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY intake.intake_uploadpiece
    ADD CONSTRAINT intake_uploadpiece_object_id_key UNIQUE (object_id);
ALTER TABLE ONLY intake.intake_uploadpiece
    ADD CONSTRAINT intake_uploadpiece_pkey PRIMARY KEY (id);
ALTER TABLE ONLY intake.intake_uploadpiece
    ADD CONSTRAINT one_piece_at_an_offset UNIQUE (upload_id, "offset");
ALTER TABLE ONLY jobs.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);
ALTER TABLE ONLY jobs.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY licensing.licensing_licence
    ADD CONSTRAINT licensing_licence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY projects.projects_project
    ADD CONSTRAINT projects_project_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY projects.projects_project
    ADD CONSTRAINT projects_project_slug_key UNIQUE (slug);
ALTER TABLE ONLY resources.resources_folder
    ADD CONSTRAINT resources_folder_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY resources.resources_resource
    ADD CONSTRAINT resources_resource_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY resources.resources_scan
    ADD CONSTRAINT resources_scan_pkey PRIMARY KEY (original_id);
ALTER TABLE ONLY resources.resources_trashed
    ADD CONSTRAINT resources_trashed_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY resources.resources_version
    ADD CONSTRAINT resources_version_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY resources.resources_version
    ADD CONSTRAINT version_number_once UNIQUE (resource_id, number);
ALTER TABLE ONLY sharing.sharing_pseudonymmap
    ADD CONSTRAINT pseudonym_map_once UNIQUE (project_id, field_name, number);
ALTER TABLE ONLY sharing.sharing_comparison
    ADD CONSTRAINT sharing_comparison_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sharing.sharing_mending
    ADD CONSTRAINT sharing_mending_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sharing.sharing_pseudonymmap
    ADD CONSTRAINT sharing_pseudonymmap_object_id_key UNIQUE (object_id);
ALTER TABLE ONLY sharing.sharing_pseudonymmap
    ADD CONSTRAINT sharing_pseudonymmap_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sharing.sharing_release
    ADD CONSTRAINT sharing_release_pkey PRIMARY KEY (node_id);
CREATE INDEX access_accessrequest_answered_by_id_44ff37ea ON access.access_accessrequest USING btree (answered_by_id);
CREATE INDEX access_accessrequest_grant_id_d23099ae ON access.access_accessrequest USING btree (grant_id);
CREATE INDEX access_accessrequest_node_id_9b78d8a7 ON access.access_accessrequest USING btree (node_id);
CREATE INDEX access_accessrequest_person_id_33f33689 ON access.access_accessrequest USING btree (person_id);
CREATE INDEX access_accesstoken_application_id_29a0edab ON access.access_accesstoken USING btree (application_id);
CREATE INDEX access_accesstoken_made_with_id_d023ca36 ON access.access_accesstoken USING btree (made_with_id);
CREATE INDEX access_accesstoken_token_checksum_49443987_like ON access.access_accesstoken USING btree (token_checksum varchar_pattern_ops);
CREATE INDEX access_accesstoken_user_id_73c5d4a7 ON access.access_accesstoken USING btree (user_id);
CREATE INDEX access_application_client_id_bc4a2772_like ON access.access_application USING btree (client_id varchar_pattern_ops);
CREATE INDEX access_application_client_secret_2317c503 ON access.access_application USING btree (client_secret);
CREATE INDEX access_application_client_secret_2317c503_like ON access.access_application USING btree (client_secret varchar_pattern_ops);
CREATE INDEX access_application_registered_by_id_c3151e9a ON access.access_application USING btree (registered_by_id);
CREATE INDEX access_application_user_id_f6517c52 ON access.access_application USING btree (user_id);
CREATE INDEX access_codegrant_application_id_4829d31b ON access.access_codegrant USING btree (application_id);
CREATE INDEX access_codegrant_code_3791036e_like ON access.access_codegrant USING btree (code varchar_pattern_ops);
CREATE INDEX access_codegrant_made_id_3140637d ON access.access_codegrant USING btree (made_id);
CREATE INDEX access_codegrant_user_id_e4d775e1 ON access.access_codegrant USING btree (user_id);
CREATE INDEX access_devicegrant_client_id_eae0dfcc ON access.access_devicegrant USING btree (client_id);
CREATE INDEX access_devicegrant_client_id_eae0dfcc_like ON access.access_devicegrant USING btree (client_id varchar_pattern_ops);
CREATE INDEX access_devicegrant_made_id_59c673c7 ON access.access_devicegrant USING btree (made_id);
CREATE INDEX access_devicegrant_user_code_f2a13a85_like ON access.access_devicegrant USING btree (user_code varchar_pattern_ops);
CREATE INDEX access_devicegrant_user_id_ae6b5e1a ON access.access_devicegrant USING btree (user_id);
CREATE INDEX access_grant_granted_by_id_f9615f28 ON access.access_grant USING btree (granted_by_id);
CREATE INDEX access_grant_group_id_fca507ea ON access.access_grant USING btree (group_id);
CREATE INDEX access_grant_node_id_40f9a93f ON access.access_grant USING btree (node_id);
CREATE INDEX access_grant_organisation_id_7d694569 ON access.access_grant USING btree (organisation_id);
CREATE INDEX access_grant_person_id_2cb654af ON access.access_grant USING btree (person_id);
CREATE INDEX access_grant_release_id_47895762 ON access.access_grant USING btree (release_id);
CREATE INDEX access_grant_revoked_by_id_3b805457 ON access.access_grant USING btree (revoked_by_id);
CREATE INDEX access_idtoken_application_id_3f4f8a7c ON access.access_idtoken USING btree (application_id);
CREATE INDEX access_idtoken_user_id_6b45b0a5 ON access.access_idtoken USING btree (user_id);
CREATE INDEX access_node_organisation_id_481709b0 ON access.access_node USING btree (organisation_id);
CREATE INDEX access_node_owner_id_372ccb02 ON access.access_node USING btree (owner_id);
CREATE INDEX access_node_parent_id_58f09623 ON access.access_node USING btree (parent_id);
CREATE INDEX access_node_project_id_410b6fea ON access.access_node USING btree (project_id);
CREATE INDEX access_refr_token_f_c85feb_idx ON access.access_refreshtoken USING btree (token_family);
CREATE INDEX access_refreshtoken_application_id_178c5fbb ON access.access_refreshtoken USING btree (application_id);
CREATE INDEX access_refreshtoken_user_id_e8984bc0 ON access.access_refreshtoken USING btree (user_id);
CREATE INDEX access_roleassignment_given_by_id_4cdedbb2 ON access.access_roleassignment USING btree (given_by_id);
CREATE INDEX access_roleassignment_node_id_ad8e7d3a ON access.access_roleassignment USING btree (node_id);
CREATE INDEX access_roleassignment_person_id_ccdcb76e ON access.access_roleassignment USING btree (person_id);
CREATE INDEX grant_by_node ON access.access_grant USING btree (node_id, revoked_at);
CREATE INDEX grant_by_organisation ON access.access_grant USING btree (organisation_id, revoked_at);
CREATE INDEX grant_by_person ON access.access_grant USING btree (person_id, revoked_at);
CREATE INDEX grant_that_ends ON access.access_grant USING btree (until) WHERE ((revoked_at IS NULL) AND (until IS NOT NULL));
CREATE INDEX node_by_kind ON access.access_node USING btree (kind, id);
CREATE INDEX node_by_parent ON access.access_node USING btree (parent_id, id DESC);
CREATE INDEX node_deleted ON access.access_node USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX node_path ON access.access_node USING gin (path);
CREATE INDEX request_by_node ON access.access_accessrequest USING btree (node_id, id DESC);
CREATE INDEX request_by_person ON access.access_accessrequest USING btree (person_id, id DESC);
CREATE INDEX request_that_waits ON access.access_accessrequest USING btree (asked_at) WHERE ((state)::text = 'waiting'::text);
CREATE UNIQUE INDEX request_waits_once ON access.access_accessrequest USING btree (node_id, person_id) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX account_emailaddress_email_03be32b2 ON accounts.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON accounts.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON accounts.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON accounts.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON accounts.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX accounts_group_organisation_id_296f4c24 ON accounts.accounts_group USING btree (organisation_id);
CREATE INDEX accounts_groupmembership_group_id_929d496d ON accounts.accounts_groupmembership USING btree (group_id);
CREATE INDEX accounts_groupmembership_person_id_206c4a40 ON accounts.accounts_groupmembership USING btree (person_id);
CREATE INDEX accounts_invitation_accepted_by_id_ba632539 ON accounts.accounts_invitation USING btree (accepted_by_id);
CREATE INDEX accounts_invitation_invited_by_id_94a21efc ON accounts.accounts_invitation USING btree (invited_by_id);
CREATE INDEX accounts_invitation_organisation_id_b7f9480b ON accounts.accounts_invitation USING btree (organisation_id);
CREATE INDEX accounts_notice_by_id_f2c03548 ON accounts.accounts_notice USING btree (by_id);
CREATE INDEX accounts_notice_person_id_5b35f2f6 ON accounts.accounts_notice USING btree (person_id);
CREATE INDEX accounts_organisation_name_a0a0c3b1_like ON accounts.accounts_organisation USING btree (name varchar_pattern_ops);
CREATE INDEX accounts_person_email_7de6b04f_like ON accounts.accounts_person USING btree (email varchar_pattern_ops);
CREATE INDEX accounts_person_organisation_id_1df15081 ON accounts.accounts_person USING btree (organisation_id);
CREATE INDEX accounts_session_expires_at_94e81f09 ON accounts.accounts_session USING btree (expires_at);
CREATE INDEX accounts_session_person_id_6b01fe29 ON accounts.accounts_session USING btree (person_id);
CREATE INDEX accounts_signinlink_person_id_dee18432 ON accounts.accounts_signinlink USING btree (person_id);
CREATE INDEX auth_group_name_a6ea08ec_like ON accounts.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON accounts.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON accounts.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON accounts.auth_permission USING btree (content_type_id);
CREATE INDEX axes_accessattempt_ip_address_10922d9c ON accounts.axes_accessattempt USING btree (ip_address);
CREATE INDEX axes_accessattempt_user_agent_ad89678b ON accounts.axes_accessattempt USING btree (user_agent);
CREATE INDEX axes_accessattempt_user_agent_ad89678b_like ON accounts.axes_accessattempt USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessattempt_username_3f2d4ca0 ON accounts.axes_accessattempt USING btree (username);
CREATE INDEX axes_accessattempt_username_3f2d4ca0_like ON accounts.axes_accessattempt USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_ip_address_2e9f5a7f ON accounts.axes_accessfailurelog USING btree (ip_address);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda ON accounts.axes_accessfailurelog USING btree (user_agent);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda_like ON accounts.axes_accessfailurelog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4 ON accounts.axes_accessfailurelog USING btree (username);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4_like ON accounts.axes_accessfailurelog USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accesslog_ip_address_86b417e5 ON accounts.axes_accesslog USING btree (ip_address);
CREATE INDEX axes_accesslog_user_agent_0e659004 ON accounts.axes_accesslog USING btree (user_agent);
CREATE INDEX axes_accesslog_user_agent_0e659004_like ON accounts.axes_accesslog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accesslog_username_df93064b ON accounts.axes_accesslog USING btree (username);
CREATE INDEX axes_accesslog_username_df93064b_like ON accounts.axes_accesslog USING btree (username varchar_pattern_ops);
CREATE INDEX django_session_expire_date_a5c62663 ON accounts.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON accounts.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON accounts.mfa_authenticator USING btree (user_id);
CREATE INDEX notice_by_person ON accounts.accounts_notice USING btree (person_id, id DESC);
CREATE INDEX notice_unread ON accounts.accounts_notice USING btree (person_id, code, node_id) WHERE (read_at IS NULL);
CREATE UNIQUE INDEX person_email_once ON accounts.accounts_person USING btree (lower((email)::text));
CREATE UNIQUE INDEX unique_authenticator_type ON accounts.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));
CREATE UNIQUE INDEX unique_primary_email ON accounts.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON accounts.account_emailaddress USING btree (email) WHERE verified;
CREATE INDEX alert_by_person ON analysis.analysis_alert USING btree (person_id, token_id, at DESC);
CREATE INDEX alert_by_project ON analysis.analysis_alertproject USING btree (project_id);
CREATE INDEX alert_by_state ON analysis.analysis_alert USING btree (state, id DESC);
CREATE INDEX analysis_alert_decided_by_id_8a59a0b8 ON analysis.analysis_alert USING btree (decided_by_id);
CREATE INDEX analysis_alert_person_id_9815edc5 ON analysis.analysis_alert USING btree (person_id);
CREATE INDEX analysis_alertproject_alert_id_75b97b97 ON analysis.analysis_alertproject USING btree (alert_id);
CREATE INDEX analysis_baseline_person_id_29a5c7d9 ON analysis.analysis_baseline USING btree (person_id);
CREATE INDEX base_cache_expires ON base.base_cache USING btree (expires);
CREATE INDEX event_by_actor ON base.base_event USING btree (actor_id, id DESC);
CREATE INDEX event_by_node ON base.base_event USING btree (node_id, id DESC);
CREATE INDEX event_by_project ON base.base_event USING btree (project_id, id DESC);
CREATE INDEX event_by_subject ON base.base_event USING btree (subject_id, id DESC);
CREATE INDEX event_by_time ON base.base_event USING brin (at);
CREATE INDEX event_by_transaction ON base.base_event USING btree (transaction);
CREATE INDEX comment_by_resource ON datasets.datasets_comment USING btree (resource_id, id DESC);
CREATE INDEX datasets_comment_author_id_53706bd3 ON datasets.datasets_comment USING btree (author_id);
CREATE INDEX datasets_comment_resource_id_3ee01071 ON datasets.datasets_comment USING btree (resource_id);
CREATE INDEX datasets_field_part_id_0792a9bf ON datasets.datasets_field USING btree (part_id);
CREATE INDEX datasets_field_version_id_545c8c6f ON datasets.datasets_field USING btree (version_id);
CREATE INDEX datasets_part_object_id_83b17e55 ON datasets.datasets_part USING btree (object_id);
CREATE INDEX datasets_part_version_id_ab9891eb ON datasets.datasets_part USING btree (version_id);
CREATE INDEX field_by_words ON datasets.datasets_field USING gin (upper((name)::text) extensions.gin_trgm_ops, upper((title)::text) extensions.gin_trgm_ops);
CREATE INDEX intake_upload_folder_id_904c8f49 ON intake.intake_upload USING btree (folder_id);
CREATE INDEX intake_upload_person_id_7f5f22dc ON intake.intake_upload USING btree (person_id);
CREATE INDEX intake_upload_project_id_ac78a546 ON intake.intake_upload USING btree (project_id);
CREATE INDEX intake_upload_resource_id_92b1e455 ON intake.intake_upload USING btree (resource_id);
CREATE INDEX intake_upload_version_id_b5f26c85 ON intake.intake_upload USING btree (version_id);
CREATE INDEX intake_uploadpiece_upload_id_164e168b ON intake.intake_uploadpiece USING btree (upload_id);
CREATE INDEX upload_by_project ON intake.intake_upload USING btree (project_id, id DESC);
CREATE INDEX upload_by_state ON intake.intake_upload USING btree (state, changed_at);
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON jobs.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::jobs.procrastinate_job_status));
CREATE INDEX idx_procrastinate_workers_last_heartbeat ON jobs.procrastinate_workers USING btree (last_heartbeat);
CREATE INDEX procrastinate_events_job_id_fkey_v1 ON jobs.procrastinate_events USING btree (job_id);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON jobs.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::jobs.procrastinate_job_status, 'doing'::jobs.procrastinate_job_status]));
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON jobs.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::jobs.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON jobs.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::jobs.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON jobs.procrastinate_jobs USING btree (queue_name);
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON jobs.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::jobs.procrastinate_job_status);
CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON jobs.procrastinate_periodic_defers USING btree (job_id);
CREATE INDEX licensing_licence_issued_by_id_592d7ead ON licensing.licensing_licence USING btree (issued_by_id);
CREATE INDEX licensing_licence_organisation_id_f1bb8324 ON licensing.licensing_licence USING btree (organisation_id);
CREATE INDEX licensing_licence_person_id_f435f9ef ON licensing.licensing_licence USING btree (person_id);
CREATE INDEX projects_project_slug_2d50067a_like ON projects.projects_project USING btree (slug varchar_pattern_ops);
CREATE INDEX folder_by_project ON resources.resources_folder USING btree (project_id, node_id DESC);
CREATE INDEX resource_by_project ON resources.resources_resource USING btree (project_id, node_id DESC);
CREATE INDEX resources_folder_project_id_b6fbca3a ON resources.resources_folder USING btree (project_id);
CREATE INDEX resources_resource_project_id_008118b0 ON resources.resources_resource USING btree (project_id);
CREATE INDEX resources_trashed_project_id_cc1fc9a2 ON resources.resources_trashed USING btree (project_id);
CREATE INDEX resources_trashed_trashed_by_id_5509691e ON resources.resources_trashed USING btree (trashed_by_id);
CREATE INDEX resources_version_earlier_id_389c5570 ON resources.resources_version USING btree (earlier_id);
CREATE INDEX resources_version_resource_id_08232655 ON resources.resources_version USING btree (resource_id);
CREATE INDEX trashed_by_end ON resources.resources_trashed USING btree (until);
CREATE INDEX trashed_by_project ON resources.resources_trashed USING btree (project_id, node_id DESC);
CREATE INDEX version_by_original ON resources.resources_version USING btree (original_id);
CREATE INDEX comparison_by_resource ON sharing.sharing_comparison USING btree (resource_id, id DESC);
CREATE INDEX mending_by_resource ON sharing.sharing_mending USING btree (resource_id, id DESC);
CREATE INDEX sharing_comparison_after_id_ebc42918 ON sharing.sharing_comparison USING btree (after_id);
CREATE INDEX sharing_comparison_before_id_84abe734 ON sharing.sharing_comparison USING btree (before_id);
CREATE INDEX sharing_comparison_resource_id_c12c5fad ON sharing.sharing_comparison USING btree (resource_id);
CREATE INDEX sharing_mending_earlier_id_86e84e8f ON sharing.sharing_mending USING btree (earlier_id);
CREATE INDEX sharing_mending_made_id_fa3fe383 ON sharing.sharing_mending USING btree (made_id);
CREATE INDEX sharing_mending_person_id_56084c4a ON sharing.sharing_mending USING btree (person_id);
CREATE INDEX sharing_mending_resource_id_deb5c786 ON sharing.sharing_mending USING btree (resource_id);
CREATE INDEX sharing_pseudonymmap_project_id_c6608a03 ON sharing.sharing_pseudonymmap USING btree (project_id);
CREATE INDEX sharing_release_resource_id_8fd8224c ON sharing.sharing_release USING btree (resource_id);
CREATE INDEX sharing_release_version_id_7a03d426 ON sharing.sharing_release USING btree (version_id);
CREATE TRIGGER base_event_all BEFORE TRUNCATE ON base.base_event FOR EACH STATEMENT EXECUTE FUNCTION base.base_event_is_append_only();
CREATE TRIGGER base_event_rows BEFORE DELETE OR UPDATE ON base.base_event FOR EACH ROW EXECUTE FUNCTION base.base_event_is_append_only();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON jobs.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::jobs.procrastinate_job_status))) EXECUTE FUNCTION jobs.procrastinate_notify_queue_abort_job_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::jobs.procrastinate_job_status)) EXECUTE FUNCTION jobs.procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION jobs.procrastinate_trigger_abort_requested_events_procedure_v1();
CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON jobs.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION jobs.procrastinate_unlink_periodic_defers_v1();
CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON jobs.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::jobs.procrastinate_job_status))) EXECUTE FUNCTION jobs.procrastinate_trigger_function_scheduled_events_v1();
CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::jobs.procrastinate_job_status)) EXECUTE FUNCTION jobs.procrastinate_trigger_function_status_events_insert_v1();
CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON jobs.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION jobs.procrastinate_trigger_function_status_events_update_v1();
ALTER TABLE ONLY access.access_accessrequest
    ADD CONSTRAINT access_accessrequest_answered_by_id_44ff37ea_fk_accounts_ FOREIGN KEY (answered_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accessrequest
    ADD CONSTRAINT access_accessrequest_grant_id_d23099ae_fk_access_grant_id FOREIGN KEY (grant_id) REFERENCES access.access_grant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accessrequest
    ADD CONSTRAINT access_accessrequest_node_id_9b78d8a7_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accessrequest
    ADD CONSTRAINT access_accessrequest_person_id_33f33689_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_application_id_29a0edab_fk_access_ap FOREIGN KEY (application_id) REFERENCES access.access_application(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_id_token_id_6b0c2fcf_fk_access_idtoken_id FOREIGN KEY (id_token_id) REFERENCES access.access_idtoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_made_with_id_d023ca36_fk_access_ac FOREIGN KEY (made_with_id) REFERENCES access.access_accesstoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_source_refresh_token_e1e44537_fk_access_re FOREIGN KEY (source_refresh_token_id) REFERENCES access.access_refreshtoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_accesstoken
    ADD CONSTRAINT access_accesstoken_user_id_73c5d4a7_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_application
    ADD CONSTRAINT access_application_registered_by_id_c3151e9a_fk_accounts_ FOREIGN KEY (registered_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_application
    ADD CONSTRAINT access_application_user_id_f6517c52_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_codegrant
    ADD CONSTRAINT access_codegrant_application_id_4829d31b_fk_access_ap FOREIGN KEY (application_id) REFERENCES access.access_application(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_codegrant
    ADD CONSTRAINT access_codegrant_made_id_3140637d_fk_access_accesstoken_id FOREIGN KEY (made_id) REFERENCES access.access_accesstoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_codegrant
    ADD CONSTRAINT access_codegrant_user_id_e4d775e1_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_devicegrant
    ADD CONSTRAINT access_devicegrant_made_id_59c673c7_fk_access_accesstoken_id FOREIGN KEY (made_id) REFERENCES access.access_accesstoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_devicegrant
    ADD CONSTRAINT access_devicegrant_user_id_ae6b5e1a_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_granted_by_id_f9615f28_fk_accounts_person_id FOREIGN KEY (granted_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_group_id_fca507ea_fk_accounts_group_id FOREIGN KEY (group_id) REFERENCES accounts.accounts_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_node_id_40f9a93f_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_organisation_id_7d694569_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_person_id_2cb654af_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_release_id_47895762_fk_access_node_id FOREIGN KEY (release_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_grant
    ADD CONSTRAINT access_grant_revoked_by_id_3b805457_fk_accounts_person_id FOREIGN KEY (revoked_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_idtoken
    ADD CONSTRAINT access_idtoken_application_id_3f4f8a7c_fk_access_application_id FOREIGN KEY (application_id) REFERENCES access.access_application(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_idtoken
    ADD CONSTRAINT access_idtoken_user_id_6b45b0a5_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_node
    ADD CONSTRAINT access_node_organisation_id_481709b0_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_node
    ADD CONSTRAINT access_node_owner_id_372ccb02_fk_accounts_person_id FOREIGN KEY (owner_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_node
    ADD CONSTRAINT access_node_parent_id_58f09623_fk_access_node_id FOREIGN KEY (parent_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_node
    ADD CONSTRAINT access_node_project_id_410b6fea_fk_access_node_id FOREIGN KEY (project_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_access_token_id_50771d0c_fk_access_ac FOREIGN KEY (access_token_id) REFERENCES access.access_accesstoken(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_application_id_178c5fbb_fk_access_ap FOREIGN KEY (application_id) REFERENCES access.access_application(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_refreshtoken
    ADD CONSTRAINT access_refreshtoken_user_id_e8984bc0_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_roleassignment
    ADD CONSTRAINT access_roleassignmen_given_by_id_4cdedbb2_fk_accounts_ FOREIGN KEY (given_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_roleassignment
    ADD CONSTRAINT access_roleassignment_node_id_ad8e7d3a_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY access.access_roleassignment
    ADD CONSTRAINT access_roleassignment_person_id_ccdcb76e_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES accounts.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_group
    ADD CONSTRAINT accounts_group_organisation_id_296f4c24_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_groupmembership
    ADD CONSTRAINT accounts_groupmember_person_id_206c4a40_fk_accounts_ FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_groupmembership
    ADD CONSTRAINT accounts_groupmembership_group_id_929d496d_fk_accounts_group_id FOREIGN KEY (group_id) REFERENCES accounts.accounts_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_invitation
    ADD CONSTRAINT accounts_invitation_accepted_by_id_ba632539_fk_accounts_ FOREIGN KEY (accepted_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_invitation
    ADD CONSTRAINT accounts_invitation_invited_by_id_94a21efc_fk_accounts_ FOREIGN KEY (invited_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_invitation
    ADD CONSTRAINT accounts_invitation_organisation_id_b7f9480b_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_notice
    ADD CONSTRAINT accounts_notice_by_id_f2c03548_fk_accounts_person_id FOREIGN KEY (by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_notice
    ADD CONSTRAINT accounts_notice_person_id_5b35f2f6_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_person
    ADD CONSTRAINT accounts_person_organisation_id_1df15081_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_session
    ADD CONSTRAINT accounts_session_person_id_6b01fe29_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.accounts_signinlink
    ADD CONSTRAINT accounts_signinlink_person_id_dee18432_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES accounts.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES accounts.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES base.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptex_access_attempt_id_6b73a47a_fk_axes_acce FOREIGN KEY (access_attempt_id) REFERENCES accounts.axes_accessattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY accounts.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_accounts_person_id FOREIGN KEY (user_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY analysis.analysis_alert
    ADD CONSTRAINT analysis_alert_decided_by_id_8a59a0b8_fk_accounts_person_id FOREIGN KEY (decided_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY analysis.analysis_alert
    ADD CONSTRAINT analysis_alert_person_id_9815edc5_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY analysis.analysis_alertproject
    ADD CONSTRAINT analysis_alertproject_alert_id_75b97b97_fk_analysis_alert_id FOREIGN KEY (alert_id) REFERENCES analysis.analysis_alert(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY analysis.analysis_baseline
    ADD CONSTRAINT analysis_baseline_person_id_29a5c7d9_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_comment
    ADD CONSTRAINT datasets_comment_author_id_53706bd3_fk_accounts_person_id FOREIGN KEY (author_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_comment
    ADD CONSTRAINT datasets_comment_resource_id_3ee01071_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_field
    ADD CONSTRAINT datasets_field_part_id_0792a9bf_fk_datasets_part_id FOREIGN KEY (part_id) REFERENCES datasets.datasets_part(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_field
    ADD CONSTRAINT datasets_field_version_id_545c8c6f_fk_resources_version_node_id FOREIGN KEY (version_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_part
    ADD CONSTRAINT datasets_part_version_id_ab9891eb_fk_resources_version_node_id FOREIGN KEY (version_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY datasets.datasets_structure
    ADD CONSTRAINT datasets_structure_version_id_3fb40020_fk_resources FOREIGN KEY (version_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_folder_id_904c8f49_fk_resources_folder_node_id FOREIGN KEY (folder_id) REFERENCES resources.resources_folder(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_person_id_7f5f22dc_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_project_id_ac78a546_fk_projects_project_node_id FOREIGN KEY (project_id) REFERENCES projects.projects_project(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_resource_id_92b1e455_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_upload
    ADD CONSTRAINT intake_upload_version_id_b5f26c85_fk_resources_version_node_id FOREIGN KEY (version_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY intake.intake_uploadpiece
    ADD CONSTRAINT intake_uploadpiece_upload_id_164e168b_fk_intake_upload_id FOREIGN KEY (upload_id) REFERENCES intake.intake_upload(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY jobs.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs.procrastinate_jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY jobs.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES jobs.procrastinate_workers(id) ON DELETE SET NULL;
ALTER TABLE ONLY jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs.procrastinate_jobs(id);
ALTER TABLE ONLY licensing.licensing_licence
    ADD CONSTRAINT licensing_licence_issued_by_id_592d7ead_fk_accounts_person_id FOREIGN KEY (issued_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY licensing.licensing_licence
    ADD CONSTRAINT licensing_licence_organisation_id_f1bb8324_fk_accounts_ FOREIGN KEY (organisation_id) REFERENCES accounts.accounts_organisation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY licensing.licensing_licence
    ADD CONSTRAINT licensing_licence_person_id_f435f9ef_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY projects.projects_project
    ADD CONSTRAINT projects_project_node_id_662c3ba5_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_folder
    ADD CONSTRAINT resources_folder_node_id_1bd7782d_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_folder
    ADD CONSTRAINT resources_folder_project_id_b6fbca3a_fk_projects_ FOREIGN KEY (project_id) REFERENCES projects.projects_project(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_resource
    ADD CONSTRAINT resources_resource_node_id_8eba4521_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_resource
    ADD CONSTRAINT resources_resource_project_id_008118b0_fk_projects_ FOREIGN KEY (project_id) REFERENCES projects.projects_project(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_trashed
    ADD CONSTRAINT resources_trashed_node_id_7e712a34_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_trashed
    ADD CONSTRAINT resources_trashed_project_id_cc1fc9a2_fk_projects_ FOREIGN KEY (project_id) REFERENCES projects.projects_project(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_trashed
    ADD CONSTRAINT resources_trashed_trashed_by_id_5509691e_fk_accounts_person_id FOREIGN KEY (trashed_by_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_version
    ADD CONSTRAINT resources_version_earlier_id_389c5570_fk_resources FOREIGN KEY (earlier_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_version
    ADD CONSTRAINT resources_version_node_id_1bdc7937_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY resources.resources_version
    ADD CONSTRAINT resources_version_resource_id_08232655_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_comparison
    ADD CONSTRAINT sharing_comparison_after_id_ebc42918_fk_resources FOREIGN KEY (after_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_comparison
    ADD CONSTRAINT sharing_comparison_before_id_84abe734_fk_resources FOREIGN KEY (before_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_comparison
    ADD CONSTRAINT sharing_comparison_resource_id_c12c5fad_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_mending
    ADD CONSTRAINT sharing_mending_earlier_id_86e84e8f_fk_resources FOREIGN KEY (earlier_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_mending
    ADD CONSTRAINT sharing_mending_made_id_fa3fe383_fk_resources_version_node_id FOREIGN KEY (made_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_mending
    ADD CONSTRAINT sharing_mending_person_id_56084c4a_fk_accounts_person_id FOREIGN KEY (person_id) REFERENCES accounts.accounts_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_mending
    ADD CONSTRAINT sharing_mending_resource_id_deb5c786_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_pseudonymmap
    ADD CONSTRAINT sharing_pseudonymmap_project_id_c6608a03_fk_projects_ FOREIGN KEY (project_id) REFERENCES projects.projects_project(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_release
    ADD CONSTRAINT sharing_release_node_id_501a0926_fk_access_node_id FOREIGN KEY (node_id) REFERENCES access.access_node(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_release
    ADD CONSTRAINT sharing_release_resource_id_8fd8224c_fk_resources FOREIGN KEY (resource_id) REFERENCES resources.resources_resource(node_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sharing.sharing_release
    ADD CONSTRAINT sharing_release_version_id_7a03d426_fk_resources FOREIGN KEY (version_id) REFERENCES resources.resources_version(node_id) DEFERRABLE INITIALLY DEFERRED;
