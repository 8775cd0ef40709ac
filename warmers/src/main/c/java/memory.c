/* What the JVM's memory needs before a checkpoint and after a restore, for
 * dev.rekindle.warmers.jvm.NativeCalls. Uses JVMTI of the running JVM: no agent is loaded at its
 * start, which would cost every cold start. */
#include <jni.h>
#include <jvmti.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_dev_rekindle_warmers_jvm_NativeCalls_##name

static const jlong FOUND = 2;

static void fail(JNIEnv *env, const char *call, jvmtiError error)
{
	char text[128];
	jclass type;

	if ((*env)->ExceptionCheck(env))
		return;
	snprintf(text, sizeof(text), "JVMTI %s failed with error %d", call, (int)error);
	type = (*env)->FindClass(env, "java/lang/IllegalStateException");
	if (type)
		(*env)->ThrowNew(env, type, text);
}

static jvmtiEnv *tools(JNIEnv *env)
{
	jvmtiEnv *jvmti = NULL;
	JavaVM *vm;

	if ((*env)->GetJavaVM(env, &vm) != JNI_OK ||
	    (*vm)->GetEnv(vm, (void **)&jvmti, JVMTI_VERSION_11) != JNI_OK) {
		fail(env, "GetEnv", JVMTI_ERROR_INTERNAL);
		return NULL;
	}
	return jvmti;
}

/* Opens a package of a module to the bootstrap alone. The option --add-opens would open it to the
 * function too, and turn off the archived module graph: 10 ms of every cold start. */
NATIVE(void, openPackage)(JNIEnv *env, jclass self, jobject module, jstring package, jobject to)
{
	const char *name = (*env)->GetStringUTFChars(env, package, NULL);
	jvmtiEnv *jvmti = name ? tools(env) : NULL;
	jvmtiError error;

	(void)self;
	if (jvmti) {
		error = (*jvmti)->AddModuleOpens(jvmti, module, name, to);
		(*jvmti)->DisposeEnvironment(jvmti);
		if (error)
			fail(env, "AddModuleOpens", error);
	}
	if (name)
		(*env)->ReleaseStringUTFChars(env, package, name);
}

static jint JNICALL found(jlong class_tag, jlong size, jlong *tag, jint length, void *data)
{
	(void)class_tag;
	(void)size;
	(void)length;
	(void)data;
	*tag = FOUND;
	return JVMTI_VISIT_OBJECTS;
}

/* Tags every loaded class that is one of the types or extends or implements one. The tag both lets
 * the search see their objects and has the classes themselves returned with those. */
static jvmtiError tag_classes(JNIEnv *env, jvmtiEnv *jvmti, jobjectArray types)
{
	jint count;
	jclass *classes;
	jvmtiError error = (*jvmti)->GetLoadedClasses(jvmti, &count, &classes);
	jsize wanted = (*env)->GetArrayLength(env, types);

	if (error)
		return error;
	for (jsize t = 0; t < wanted; t++) {
		jclass type = (*env)->GetObjectArrayElement(env, types, t);

		for (jint i = 0; i < count && !error; i++)
			if ((*env)->IsAssignableFrom(env, classes[i], type))
				error = (*jvmti)->SetTag(jvmti, classes[i], FOUND);
		(*env)->DeleteLocalRef(env, type);
	}
	for (jint i = 0; i < count; i++)
		(*env)->DeleteLocalRef(env, classes[i]);
	(*jvmti)->Deallocate(jvmti, (unsigned char *)classes);
	return error;
}

static jobjectArray to_array(JNIEnv *env, jvmtiEnv *jvmti, jobject *objects, jint count)
{
	jclass type = (*env)->FindClass(env, "java/lang/Object");
	jobjectArray all = type ? (*env)->NewObjectArray(env, count, type, NULL) : NULL;

	for (jint i = 0; i < count; i++) {
		if (all)
			(*env)->SetObjectArrayElement(env, all, i, objects[i]);
		(*env)->DeleteLocalRef(env, objects[i]);
	}
	(*jvmti)->Deallocate(jvmti, (unsigned char *)objects);
	return all;
}

NATIVE(jobjectArray, instances)(JNIEnv *env, jclass self, jobjectArray types)
{
	jvmtiEnv *jvmti = tools(env);
	jvmtiCapabilities capabilities = { .can_tag_objects = 1 };
	jvmtiHeapCallbacks callbacks = { .heap_iteration_callback = found };
	jobject *objects = NULL;
	jobjectArray all = NULL;
	jint count = 0;
	jvmtiError error;

	(void)self;
	if (!jvmti)
		return NULL;
	error = (*jvmti)->AddCapabilities(jvmti, &capabilities);
	if (!error)
		error = tag_classes(env, jvmti, types);
	if (!error)
		error = (*jvmti)->IterateThroughHeap(jvmti, JVMTI_HEAP_FILTER_CLASS_UNTAGGED, NULL,
						     &callbacks, NULL);
	if (!error)
		error = (*jvmti)->GetObjectsWithTags(jvmti, 1, &FOUND, &count, &objects, NULL);
	if (error)
		fail(env, "search of the heap", error);
	else
		all = to_array(env, jvmti, objects, count);
	(*jvmti)->DisposeEnvironment(jvmti); /* and its tags with it */
	return all;
}

/* A full collection, also where -XX:+DisableExplicitGC makes System.gc() do nothing. */
NATIVE(void, collect)(JNIEnv *env, jclass self)
{
	jvmtiEnv *jvmti = tools(env);

	(void)self;
	if (jvmti) {
		(*jvmti)->ForceGarbageCollection(jvmti);
		(*jvmti)->DisposeEnvironment(jvmti);
	}
}

/* Gives the whole pages inside an array of zeros back to the kernel: they read as zeros again. */
NATIVE(void, discardZeros)(JNIEnv *env, jclass self, jbyteArray zeros)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	jsize length = (*env)->GetArrayLength(env, zeros);
	jboolean copied = JNI_FALSE;
	void *start;
	uintptr_t from, to;

	(void)self;
	/* SAFETY: between here and the release the collector moves nothing of this array, and the
	 * pages lie wholly inside of it, so no other object loses a byte. */
	start = (*env)->GetPrimitiveArrayCritical(env, zeros, &copied);
	if (!start)
		return;
	from = ((uintptr_t)start + page - 1) & ~(page - 1);
	to = ((uintptr_t)start + (uintptr_t)length) & ~(page - 1);
	if (!copied && from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
	(*env)->ReleasePrimitiveArrayCritical(env, zeros, start, JNI_ABORT);
}

NATIVE(void, trimNativeMemory)(JNIEnv *env, jclass self)
{
	(void)env;
	(void)self;
	malloc_trim(0);
}

/* The C library's view of a variable that is set already, and of the time zone. */
NATIVE(void, setTimeZone)(JNIEnv *env, jclass self, jstring zone)
{
	const char *name = (*env)->GetStringUTFChars(env, zone, NULL);

	(void)self;
	if (!name)
		return;
	setenv("TZ", name, 1);
	tzset();
	(*env)->ReleaseStringUTFChars(env, zone, name);
}
